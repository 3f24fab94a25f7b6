//! An entity of one's own: a contact with phones, which are a list of entities, and a category, which is nested. Serde
//! says how it looks in JSON; the derive says what a client may write.

use entity_patch::{Dialect, Entity, Format, PatchDocument, patch};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
struct Contact {
    #[entity(read_only, key)]
    contact_id: i32,
    name: String,
    #[entity(nested)]
    phones: Option<Vec<Phone>>,
    #[entity(nested)]
    category: Option<Category>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
struct Phone {
    value: String,
    description: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
struct Category {
    id: i32,
    value: Option<String>,
}

fn main() -> Result<(), entity_patch::Error> {
    let mut contact = Contact {
        contact_id: 7,
        name: "Gutmann, Nienow and Hilpert".to_owned(),
        phones: Some(vec![Phone { value: "555-0100".to_owned(), description: None }]),
        category: Some(Category { id: 2, value: Some("Supplier".to_owned()) }),
    };
    // A merge patch that sends an object for an array appends it, and names are stored as the tables spell them. The JSON
    // Patch reaches into the category. A name that no table knows is refused, and so is the key.
    let bodies: [&[u8]; 4] = [
        br#"{"phones": {"value": "555-0199", "DESCRIPTION": "mobile"}}"#,
        br#"[{"op": "test", "path": "category/id", "value": 2}, {"op": "replace", "path": "category/id", "value": 3}]"#,
        br#"{"category": {"Colour": "red"}}"#,
        br#"[{"op": "replace", "path": "ContactId", "value": 8}]"#,
    ];
    for body in bodies {
        let document = PatchDocument::parse(body, Format::ByShape, &Dialect::SUPEROFFICE)?;
        println!("{}", String::from_utf8_lossy(body));
        match patch(&contact, &document, &Dialect::SUPEROFFICE) {
            Ok(patched) => {
                println!("  changed {}: {:?}", patched.changed.join(", "), patched.entity);
                contact = patched.entity;
            }
            Err(error) => println!("  {} {}: {error}", error.status(), error.code()),
        }
    }
    assert_eq!(contact.phones.map(|phones| phones.len()), Some(2));
    Ok(())
}
