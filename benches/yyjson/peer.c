// A call of yyjson from text to text: both texts are read, the patch is applied to a copy of the target, and that is
// written. This is all or nothing, as it is in the crate.

#include <stdlib.h>

#include "yyjson.h"

// The caller frees the text. It is NULL where a text is no JSON or the patch cannot be applied.
char *patched_by_yyjson(const char *target, size_t target_length, const char *body, size_t body_length, bool is_merge,
                        size_t *length) {
    yyjson_doc *from = yyjson_read(target, target_length, 0);
    yyjson_doc *patch = yyjson_read(body, body_length, 0);
    yyjson_mut_doc *patched = yyjson_mut_doc_new(NULL);
    char *json = NULL;
    if (from && patch && patched) {
        yyjson_val *target_root = yyjson_doc_get_root(from), *patch_root = yyjson_doc_get_root(patch);
        yyjson_mut_val *root = is_merge ? yyjson_merge_patch(patched, target_root, patch_root)
                                        : yyjson_patch(patched, target_root, patch_root, NULL);
        if (root) json = yyjson_mut_val_write(root, 0, length);
    }
    yyjson_doc_free(from);
    yyjson_doc_free(patch);
    yyjson_mut_doc_free(patched);
    return json;
}
