//! What is shipped holds no secret, and nobody's host.

#[allow(dead_code, reason = "each test program uses a part of this")]
mod sources;

const FOLDERS: [&str; 10] = [
    "app",
    "frontend",
    "server",
    "crates",
    "migrations",
    "docs",
    "style",
    "public",
    "scripts",
    "drizzle-meta",
];

/// Hosts that are nobody's: this machine, and the names that are kept free for examples.
const NOBODYS: [&str; 12] = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    "example",
    "example.com",
    "example.org",
    "h",
    "host",
    "x",
    "invalid",
    "test",
    "d",
];

fn is_nobodys(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host);
    let ends = |end: &&&str| host == **end || host.ends_with(&format!(".{end}"));
    // A place to fill in, or one that is put together when it is known.
    host.is_empty()
        || host.contains(['{', '$', '*', '<', '…'])
        || NOBODYS.iter().any(|end| ends(&end))
}

/// What reads like a credential, with the place it would open.
fn credentials(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for scheme in ["postgres://", "postgresql://", "redis://", "rediss://", "https://", "http://"] {
        for rest in text.split(scheme).skip(1) {
            let end = |c: char| c.is_whitespace() || "\"'`)/?#,;\\".contains(c);
            let authority = rest.split(end).next().unwrap_or_default();
            let Some((login, host)) = authority.rsplit_once('@') else { continue };
            let password = login.split_once(':').map_or("", |(_, password)| password);
            let is_dsn = scheme.starts_with("http") && login.len() >= 16;
            let opens = !password.is_empty() || is_dsn;
            if opens && !is_nobodys(host) {
                found.push(format!("{scheme}{authority}"));
            }
        }
    }
    let key = ["PRIVATE ", "KEY-----"].concat();
    if text.contains(&key) {
        found.push("a private key".to_owned());
    }
    found
}

#[test]
fn a_credential_of_somebodys_is_told_from_an_example() {
    for somebodys in [
        "postgres://app:s3cret@db.prod.acme.io/shop",
        "see https://0123456789abcdef0123456789abcdef@o1.ingest.acme.io/2",
        "redis://:pw@10.1.2.3:6379",
    ] {
        assert_eq!(credentials(somebodys).len(), 1, "{somebodys}");
    }
    for nobodys in [
        "postgresql://user:${STORE_PASSWORD}@db.example:5432/athena",
        "postgres://me:hunter2@127.0.0.1:1/d",
        "https://docs.rs/sqlx",
    ] {
        assert!(credentials(nobodys).is_empty(), "{nobodys}: {:?}", credentials(nobodys));
    }
}

#[test]
fn nothing_that_is_shipped_opens_anything_of_anybodys() {
    let mut found = Vec::new();
    let mut looked_at = 0;
    for ending in ["rs", "sql", "yaml", "toml", "md", "json", "css", "mjs", "py", "sh"] {
        for (path, text) in sources::files_below(&FOLDERS, &format!(".{ending}")) {
            let path = path.to_string_lossy().into_owned();
            // Tests make up what they need.
            let is_test =
                path.contains("/tests/") || path.contains("/tests.rs") || path.contains("/fuzz/");
            if is_test || path.contains("/node_modules/") || path.contains("/target/") {
                continue;
            }
            looked_at += 1;
            // Tests beside the code, too.
            let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            found.extend(credentials(shipped).into_iter().map(|what| format!("{path}: {what}")));
        }
    }
    for name in ["config.yaml", "README.md", "Dockerfile", "compose.yaml", "justfile"] {
        let Ok(text) = std::fs::read_to_string(sources::root().join(name)) else { continue };
        looked_at += 1;
        found.extend(credentials(&text).into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(looked_at > 400, "only {looked_at} files were looked at");
    assert!(found.is_empty(), "{}", found.join("\n"));
}
