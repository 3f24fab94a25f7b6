//! Another entity: a contact with phones, which are objects, and a category, which is nested. What makes it an entity
//! is its table.

use entity_patch::{Dialect, Format, PatchDocument, entity, patch};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug)]
struct Contact {
    contact_id: i32,
    name: String,
    phones: Option<Vec<Phone>>,
    category: Option<Category>,
}

entity! { Contact {
    "ContactId" => contact_id: read_only,
    "Name" => name: writable,
    "Phones" => phones: writable,
    "Category" => category: writable,
} }

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Phone {
    value: String,
    description: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
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
    // A merge patch that sends an object for an array appends it; the JSON Patch reaches into the category.
    let bodies: [&[u8]; 3] = [
        br#"{"phones": {"Value": "555-0199", "Description": "mobile"}}"#,
        br#"[{"op": "test", "path": "category/id", "value": 2}, {"op": "replace", "path": "category/id", "value": 3}]"#,
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
