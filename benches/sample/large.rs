//! A large text: many of the sample's webhooks.

use crate::sample::WEBHOOK;

/// 10 MB: an object that holds an array of webhooks.
pub fn large() -> String {
    let webhooks = vec![WEBHOOK.as_str(); 10_000_000 / WEBHOOK.len()].join(",");
    format!(r#"{{"Count":7632,"Webhooks":[{webhooks}],"Name":"all of them"}}"#)
}
