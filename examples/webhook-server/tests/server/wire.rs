//! Requests that no client library would send.

use crate::{
    harness::{Kind, Place, Server, on_both},
    rows::*,
};

on_both!(
    bodies_are_read_up_to_the_limit,
    a_request_names_one_host,
    without_users_it_is_named_as_this_machine,
    a_request_has_one_end,
    xml_in_another_encoding_is_told_so,
    no_deep_body_ends_the_server,
);

fn bodies_are_read_up_to_the_limit(kind: Kind) {
    let server = Server::on(kind, &[]);
    server.insert(&webhook(1), 7);
    let head = |method: &str, headers: &str| {
        format!("{method} /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
    };
    let limit = 1 << 20;
    let in_chunks = |length: usize| format!("{length:x}\r\n{}\r\n0\r\n\r\n", " ".repeat(length));
    let rows = [
        // It says that it is too long: nothing of it is read.
        (head("PATCH", &format!("Content-Length: {}\r\n", limit + 1)), String::new(), "413"),
        (head("PUT", &format!("Content-Length: {}\r\n", limit + 1)), String::new(), "413"),
        (head("PATCH", "Transfer-Encoding: chunked\r\n"), in_chunks(limit + 1), "413"),
        (head("PUT", "Content-Type: text/xml\r\nTransfer-Encoding: chunked\r\n"), in_chunks(limit + 1), "413"),
        // At the limit it is only empty.
        (head("PATCH", "Transfer-Encoding: chunked\r\n"), in_chunks(limit), "400"),
        // An earlier check comes first.
        (head("PATCH", &format!("If-Match: \"6\"\r\nContent-Length: {}\r\n", limit + 1)), String::new(), "412"),
        (head("POST", &format!("Content-Length: {}\r\n", limit + 1)), String::new(), "405"),
    ];
    for (head, body, status) in rows {
        let answer = server.send_raw(format!("{head}{body}").as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}{answer}");
    }
    assert_eq!(server.stored(1).unwrap().1, 7);
}

fn a_request_names_one_host(kind: Kind) {
    let place = Place::new(kind);
    std::fs::write(place.directory.path().join("token"), "t").unwrap();
    let server = Server::start_in(place, &["--token-file", "token"]);
    server.insert(&webhook(1), 7);
    let own = format!("http://{}/api/v1/Webhook/1", server.address);
    // The request's target and header fields, and what it gets: a status, or where the webhook is.
    let rows: [(&str, &str, Result<&str, &str>); 14] = [
        ("/api/v1/Webhook/1 HTTP/1.0", "", Ok(&own)),
        ("/api/v1/Webhook/1 HTTP/1.0", "Host: a.example\r\n", Ok("http://a.example/api/v1/Webhook/1")),
        ("/api/v1/Webhook/1 HTTP/1.1", "Host:\r\n", Ok(&own)),
        ("/api/v1/Webhook/1 HTTP/1.1", "Host: a.example:81\r\n", Ok("http://a.example:81/api/v1/Webhook/1")),
        ("/api/v1/Webhook/1 HTTP/1.1", "Host: [::1]:81\r\n", Ok("http://[::1]:81/api/v1/Webhook/1")),
        (
            "http://user:pass@b.example/api/v1/Webhook/1 HTTP/1.1",
            "Host: a\r\n",
            Ok("http://b.example/api/v1/Webhook/1"),
        ),
        ("/api/v1/Webhook/1 HTTP/1.1", "", Err("400")),
        ("http://b.example/api/v1/Webhook/1 HTTP/1.1", "", Err("400")),
        ("/api/v1/Webhook/1 HTTP/1.1", "Host: a\r\nHost: a\r\n", Err("400")),
        ("/api/v1/Webhook/1 HTTP/1.1", "Host: a b\r\n", Err("400")),
        ("/api/v1/Webhook/1 HTTP/1.1", "Host: a/b\r\n", Err("400")),
        ("/api/v1/Webhook/1 HTTP/1.1", "Host: user@a\r\n", Err("400")),
        ("/api/v1/Webhook/1 HTTP/1.1", "Host: a:port\r\n", Err("400")),
        ("/api/v1/Webhook/1 HTTP/1.0", "Host: a\r\nHost: b\r\n", Err("400")),
    ];
    for (line, fields, expected) in rows {
        let answer = server
            .send_raw(format!("GET {line}\r\n{fields}Authorization: Bearer t\r\nConnection: close\r\n\r\n").as_bytes());
        match expected {
            Ok(place) => assert!(answer.contains(&format!("\"Self\":\"{place}\"")), "{line} {fields}: {answer}"),
            Err(status) => assert!(answer.contains(&format!(" {status} ")), "{line} {fields}: {answer}"),
        }
    }
}

/// Where everybody is welcome, nobody else decides which pages are of this machine.
fn without_users_it_is_named_as_this_machine(kind: Kind) {
    let server = Server::on(kind, &[]);
    let (own, path) = (&server.address, "/api/v1/Agents/Webhook/CreateDefaultWebhook");
    // The request's target, `Host`, header fields of a browser, and the status.
    let rows: [(&str, &str, &str, u16); 22] = [
        (path, own, "", 200),
        (path, "LOCALHOST", "", 200),
        (path, "localhost:81", "", 200),
        (path, "192.0.2.1", "", 200),
        (path, "[::1]:81", "", 200),
        (path, "", "", 200),
        (path, "webhooks.example", "", 421),
        (path, "localhost.example:81", "", 421),
        (path, "127.0.0.1.example", "", 421),
        (path, "a", "", 421),
        ("/", "webhooks.example", "", 421),
        (&format!("http://webhooks.example{path}"), own, "", 421),
        (&format!("http://user@localhost{path}"), "webhooks.example", "", 200),
        // What a browser tells of its page. The first counts.
        (path, own, "Sec-Fetch-Site: same-origin\r\nOrigin: http://other.example\r\n", 200),
        (path, own, "Sec-Fetch-Site: same-site\r\n", 403),
        (path, own, &format!("Sec-Fetch-Site: cross-site\r\nOrigin: http://{own}\r\n"), 403),
        (path, own, &format!("Origin: http://{own}\r\n"), 200),
        (path, "LocalHost", "Origin: https://localhost\r\n", 200),
        (path, own, "Origin: http://other.example\r\n", 403),
        (path, own, "Origin: http://localhost\r\n", 403),
        (path, own, "Origin: null\r\n", 403),
        (path, own, "Origin: \r\n", 403),
    ];
    for (target, host, fields, status) in rows {
        let method = if target == "/" { "GET" } else { "POST" };
        let request = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{fields}Connection: close\r\n\r\n");
        let answer = server.send_raw(request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}{answer}");
    }
}

/// Where two servers could disagree about where a request ends (RFC 9112 section 11.2), there is one request, or none.
fn a_request_has_one_end(kind: Kind) {
    let server = Server::on(kind, &[]);
    server.insert(&webhook(1), 7);
    let second = "GET /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let rows = [
        ("HTTP/1.1", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}", 400),
        ("HTTP/1.1", "Content-Length: 2, 2\r\n", "{}", 400),
        ("HTTP/1.1", "Content-Length: +2\r\n", "{}", 400),
        ("HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "2\r\n{}\r\n0\r\n\r\n", 200),
        ("HTTP/1.1", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 200),
        ("HTTP/1.0", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 400),
        ("HTTP/1.1", "Transfer-Encoding : chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 400),
        ("HTTP/1.1", "Transfer-Encoding: chunked, identity\r\n", "2\r\n{}\r\n0\r\n\r\n", 400),
        ("HTTP/1.1", "Transfer-Encoding: xchunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 400),
        ("HTTP/1.1", "Connection: close\r\nTransfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 501),
        ("HTTP/1.1", "Connection: close\r\nTransfer-Encoding: chunked, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 501),
        (
            "HTTP/1.1",
            "Connection: close\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "2\r\n{}\r\n0\r\n\r\n",
            501,
        ),
        ("HTTP/1.1", "X-Folded: a\r\n b\r\nContent-Length: 2\r\n", "{}", 400),
        ("HTTP/1.1", "X-Return: a\rb\r\nContent-Length: 2\r\n", "{}", 400),
        ("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "2\n{}\n0\n\n", 400),
        ("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n", 400),
    ];
    for (version, fields, body, status) in rows {
        let request = format!("PATCH /api/v1/Webhook/1 {version}\r\nHost: localhost\r\n{fields}\r\n{body}{second}");
        let answer = server.send_raw(request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}{answer}");
        assert_eq!(answer.matches("HTTP/1.").count(), 1, "{request}{answer}");
    }
    assert_eq!(server.stored(1).unwrap().1, 7);
}

/// UTF-16 in all its spellings, and bytes that are no UTF-8.
fn xml_in_another_encoding_is_told_so(kind: Kind) {
    let server = Server::on(kind, &[]);
    server.insert(&webhook(1), 7);
    let wide = |text: &str, is_big: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let declared = b"<?xml version='1.0' encoding='iso-8859-1'?><Webhook><Name>\xE9</Name></Webhook>";
    let rows = [
        (wide("\u{FEFF}<Webhook/>", true), 415),
        (wide("\u{FEFF}<Webhook/>", false), 415),
        (wide("<?xml version='1.0' encoding='utf-16'?><Webhook/>", true), 415),
        (wide("<Webhook/>", false), 415),
        (declared.to_vec(), 415),
        (b"<Webhook><Name>\xE9</Name></Webhook>".to_vec(), 400),
    ];
    for (body, status) in rows {
        let answer = server.send("PUT", "/api/v1/Webhook/1", &[("Content-Type", "application/xml")], &body);
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.text().contains("its encoding has to be"), status == 415, "{}", answer.text());
    }
}

fn no_deep_body_ends_the_server(kind: Kind) {
    let server = Server::on(kind, &[]);
    server.insert(&webhook(1), 7);
    let nested = |open: &str, close: &str, levels: usize| format!("{}{}", open.repeat(levels), close.repeat(levels));
    let xml = format!("<Webhook><Properties>{}</Properties></Webhook>", nested("<a>", "</a>", 100_000));
    let rows = [
        ("PATCH", "application/json", format!(r#"{{"Properties":{}}}"#, nested(r#"{"a":["#, "]}", 100_000)), 422),
        ("PUT", "application/json", format!(r#"{{"Properties":{}}}"#, nested("[", "]", 100_000)), 422),
        ("PUT", "application/xml", xml, 422),
        ("PUT", "application/x-www-form-urlencoded", format!("Properties{}=1", "[a]".repeat(10_000)), 422),
    ];
    for (method, media_type, body, status) in rows {
        let answer = server.send(method, "/api/v1/Webhook/1", &[("Content-Type", media_type)], body.as_bytes());
        assert_eq!(answer.status, status, "{method} {media_type}: {}", answer.text());
        assert_eq!(answer.json()["code"], "too-deep");
    }
}
