//! Packed bodies: unpacked, or refused, and never handed on as they are.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use lockgate_core::settings::BusSettings;
use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;
use serde_json::json;

use crate::asked::Api;

const GZIP: (&str, &str) = ("content-encoding", "gzip");

fn packed(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_packed_task_is_stored_unpacked() {
    let api = Api::new();
    for encoding in ["gzip", "GZIP", "x-gzip", "identity, gzip"] {
        let answer = api.ask("POST", "/v1/connectors/a/tasks", &[("content-encoding", encoding)], packed("<a/>")).await.ok();
        let external = api.get(&format!("/v1/tasks/{}/external", answer["task"])).await;
        assert_eq!(external.text(), "<a/>", "{encoding}");
    }
    let plain = api.ask("POST", "/v1/connectors/a/tasks", &[("content-encoding", "identity")], "<a/>").await.ok();
    assert_eq!(api.get(&format!("/v1/tasks/{}/external", plain["task"])).await.text(), "<a/>");
}

#[tokio::test]
async fn the_same_task_packed_and_not_is_the_same() {
    let api = Api::new();
    let submit = async |headers: &[(&str, &str)], body: Vec<u8>| api.ask("POST", "/v1/connectors/a/tasks", headers, body).await;
    assert_eq!(submit(&[("idempotency-key", "k")], b"x".to_vec()).await.status, 201);
    assert_eq!(
        submit(&[("idempotency-key", "k"), GZIP], packed("x")).await.ok(),
        json!({ "task": 1, "repeated": true, "state": "queued" })
    );
}

#[tokio::test]
async fn packed_batches_models_and_components_are_unpacked() {
    let api = Api::new();
    let batch = "{\"connector\":\"a\",\"body\":\"x\"}\n{\"connector\":\"a\",\"body\":\"y\"}\n";
    assert_eq!(api.ask("POST", "/v1/tasks", &[GZIP], packed(batch)).await.ok()["accepted"], 2);
    let files = json!({ "files": { "new.toml": "[[object_type]]\nname = \"new.type\"\n" } }).to_string();
    assert_eq!(api.ask("PUT", "/v1/model", &[GZIP], packed(files)).await.ok()["applied"], true);
    let plain = api.post("/v1/connectors/check", "scripted x").await.ok();
    assert_eq!(api.ask("POST", "/v1/connectors/check", &[GZIP], packed("scripted x")).await.ok()["digest"], plain["digest"]);
    assert_eq!(api.ask("PUT", "/v1/connectors/x", &[GZIP], packed("scripted x")).await.ok()["digest"], plain["digest"]);
    assert_eq!(api.ask("PUT", "/v1/switches", &[GZIP], packed("{\"logging\":false}")).await.ok()["switches"]["logging"], false);
}

#[tokio::test]
async fn members_of_a_packed_body_that_follow_one_another_are_one_body() {
    let api = Api::new();
    let both = [packed("first "), packed("second")].concat();
    api.ask("POST", "/v1/connectors/a/tasks", &[GZIP], both).await.ok();
    assert_eq!(api.get("/v1/tasks/1/external").await.text(), "first second");
}

#[tokio::test]
async fn the_limit_is_that_of_the_unpacked_body() {
    let settings = BusSettings { payload_bytes_max: 100_000, ..BusSettings::default() };
    let api = Api::with(TestBus::with_settings(settings), &ServerOptions::default());
    let submit = async |body: Vec<u8>| api.ask("POST", "/v1/connectors/a/tasks", &[GZIP], body).await;
    assert_eq!(submit(packed(vec![b'x'; 100_000])).await.status, 201);
    assert_eq!(submit(packed(vec![b'x'; 100_001])).await.problem(), (413, "too-large".into()));
    // 300 MB in 300 kB: it must not be unpacked first.
    let bomb = packed(vec![0; 300 << 20]);
    assert_eq!(submit(bomb).await.problem(), (413, "too-large".into()));
    // What cannot be packed any smaller is a little larger packed.
    let noise: Vec<u8> = (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut stored = GzEncoder::new(Vec::new(), Compression::none());
    stored.write_all(&noise).unwrap();
    let stored = stored.finish().unwrap();
    assert!(stored.len() > 100_000);
    assert_eq!(submit(stored).await.status, 201);
    assert_eq!(api.get("/v1/tasks").await.ok()["tasks"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_not_gzip_though_it_says_so_is_refused() {
    let api = Api::new();
    let whole = packed("some text that is long enough to be cut");
    let mut wrong_sum = whole.clone();
    let at = wrong_sum.len() - 5;
    wrong_sum[at] ^= 1;
    let cases: [(&str, Vec<u8>); 5] = [
        ("plain", b"plain".to_vec()),
        ("cut", whole[..whole.len() - 3].to_vec()),
        ("with a wrong sum", wrong_sum),
        ("with something after it", [whole.clone(), b"rest".to_vec()].concat()),
        ("of nothing", Vec::new()),
    ];
    for (what, body) in cases {
        let answer = api.ask("POST", "/v1/connectors/a/tasks", &[GZIP], body).await;
        assert_eq!(answer.problem(), (400, "bad-encoding".into()), "{what}");
    }
    assert_eq!(api.get("/v1/tasks").await.ok()["tasks"], json!([]));
}

#[tokio::test]
async fn other_encodings_are_refused_and_told_which_one_is_taken() {
    let api = Api::new();
    let targets = [
        ("POST", "/v1/connectors/a/tasks"),
        ("POST", "/v1/tasks"),
        ("PUT", "/v1/model"),
        ("PUT", "/v1/connectors/x"),
        ("PUT", "/v1/switches"),
    ];
    for (method, target) in targets {
        for encoding in ["br", "deflate", "zstd", "gzip, gzip", "br, gzip", "", "gzip;q=1"] {
            let answer = api.ask(method, target, &[("content-encoding", encoding)], "{}").await;
            assert_eq!(answer.problem(), (415, "unsupported-encoding".into()), "{target} {encoding}");
            assert_eq!(answer.headers["accept-encoding"], "gzip, identity");
        }
    }
    let packed_on_the_way = api.ask("POST", "/v1/connectors/a/tasks", &[("transfer-encoding", "gzip, chunked")], packed("x")).await;
    assert_eq!(packed_on_the_way.problem(), (501, "unsupported-encoding".into()));
    assert_eq!(api.get("/v1/tasks").await.ok()["tasks"], json!([]));
}
