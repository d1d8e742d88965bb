//! The console's files: hashed names are kept by browsers for ever, everything else is checked.

mod encoding;
mod site;

use app::Assets;
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use encoding::Encoding;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
pub use site::Site;
use site::SiteFile;

/// A browser may keep a file whose name changes with its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// The least length of a hash in a file's name.
const HASH_LENGTH: usize = 8;

/// Which names the last build gave its files.
#[derive(Debug, Deserialize)]
struct Manifest {
    js: String,
    wasm: String,
    css: String,
}

/// Everything below `/pkg/`, and the icon browsers ask for without being told.
pub fn router(site: Site) -> Router {
    Router::new()
        .route("/pkg/{*path}", get(file))
        .route("/favicon.ico", get(favicon))
        .with_state(site)
}

/// The names to put into pages; `None` when no console was built.
pub fn manifest(site: &Site) -> Option<Assets> {
    let file = site.read("manifest.json")?;
    let Manifest { js, wasm, css } = match serde_json::from_slice(&file.bytes) {
        Ok(manifest) => manifest,
        Err(error) => {
            tracing::error!(%error, "the console's manifest.json cannot be read");
            return None;
        }
    };
    Some(Assets { js: address(&js), wasm: address(&wasm), css: address(&css) })
}

fn address(name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("/pkg/{name}") }
}

async fn file(State(site): State<Site>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    // What the build copied from `public/` lies beside the hashed files.
    let found = answer(&site, &format!("pkg/{path}"), &headers);
    found.or_else(|| answer(&site, &path, &headers)).unwrap_or_else(missing)
}

async fn favicon(State(site): State<Site>, headers: HeaderMap) -> Response {
    ["favicon.ico", "pkg/favicon.svg", "favicon.svg"]
        .into_iter()
        .find_map(|name| answer(&site, name, &headers))
        .unwrap_or_else(missing)
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "There is no such file.").into_response()
}

fn answer(site: &Site, path: &str, headers: &HeaderMap) -> Option<Response> {
    let wanted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let (file, encoding) =
        Encoding::accepted(wanted.unwrap_or_default()).into_iter().find_map(|encoding| {
            Some((site.read(&format!("{path}{}", encoding.suffix()))?, encoding))
        })?;
    let SiteFile { bytes, tag } = file;
    let is_hashed = is_hashed(path);
    let etag = HeaderValue::from_str(&format!("\"{tag}\"")).ok()?;
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(bytes).into_response()
    };
    let out = response.headers_mut();
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_str(content_type(&mime).as_str()).ok()?);
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let keep = if is_hashed { FOR_EVER } else { ASK_AGAIN };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    out.insert(header::ETAG, etag);
    if let Some(name) = encoding.name() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Some(response)
}

fn content_type(mime: &mime_guess::Mime) -> String {
    let is_text = mime.type_() == "text" || mime.subtype() == "javascript";
    if is_text { format!("{mime}; charset=utf-8") } else { mime.to_string() }
}

/// `athena.1a2b3c4d.js`: some part of the name between two dots is a hash.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut parts = name.split('.');
    let is_hash =
        |part: &str| part.len() >= HASH_LENGTH && part.bytes().all(|b| b.is_ascii_hexdigit());
    parts.next();
    parts.any(is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use tower::ServiceExt;

    fn site() -> (tempfile::TempDir, Site) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pkg")).unwrap();
        for (name, content) in [
            ("pkg/athena.0123abcd.js", "plain"),
            ("pkg/athena.0123abcd.js.br", "brotli"),
            ("favicon.svg", "<svg/>"),
            ("manifest.json", r#"{"js":"athena.0123abcd.js","wasm":"a.wasm","css":"/pkg/a.css"}"#),
        ] {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let site = Site::on_disk(folder.path());
        (folder, site)
    }

    async fn get(path: &str, header: (&str, &str)) -> Response {
        let (_folder, site) = site();
        get_from(site, path, header).await
    }

    async fn get_from(site: Site, path: &str, header: (&str, &str)) -> Response {
        let request = Request::get(path).header(header.0, header.1).body(Body::empty()).unwrap();
        router(site).oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_hashed_file_is_kept_for_ever_and_sent_compressed() {
        let response = get("/pkg/athena.0123abcd.js", ("accept-encoding", "gzip, br")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(response.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    }

    #[tokio::test]
    async fn a_client_without_compression_gets_the_plain_file() {
        let response = get("/pkg/athena.0123abcd.js", ("accept-encoding", "identity")).await;
        assert_eq!(response.headers().get(header::CONTENT_ENCODING), None);
    }

    #[tokio::test]
    async fn an_unhashed_file_is_checked_and_not_sent_twice() {
        let (_folder, site) = site();
        let first = get_from(site.clone(), "/pkg/favicon.svg", ("accept", "*/*")).await;
        assert_eq!(first.headers()[header::CACHE_CONTROL], ASK_AGAIN);
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        let second = get_from(site, "/pkg/favicon.svg", ("if-none-match", &tag)).await;
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn a_path_out_of_the_folder_leads_nowhere() {
        for path in ["/pkg/../Cargo.toml", "/pkg/%2e%2e/%2e%2e/etc/passwd", "/pkg//etc/passwd"] {
            let response = get(path, ("accept", "*/*")).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn the_manifest_tells_whole_addresses() {
        let (_folder, site) = site();
        let assets = manifest(&site).unwrap();
        assert_eq!(assets.js, "/pkg/athena.0123abcd.js");
        assert_eq!(assets.css, "/pkg/a.css");
    }

    #[test]
    fn only_a_part_that_looks_like_a_hash_is_one() {
        assert!(is_hashed("pkg/athena.0123abcd.js"));
        assert!(!is_hashed("pkg/athena.js"));
        assert!(!is_hashed("deadbeef.svg"));
        assert!(!is_hashed("fonts/hanken-grotesk-latin.woff2"));
    }
}
