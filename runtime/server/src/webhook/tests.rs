use super::*;

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (axum::http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap())).collect()
}

fn hook(service: &str, secrets: &[&str]) -> Webhook {
    Webhook::of(service, secrets.iter().map(ToString::to_string).collect()).unwrap()
}

fn signature(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// From GitHub's page "Validating webhook deliveries", section "Testing the webhook payload validation".
#[test]
fn github_s_published_vector() {
    let given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let hook = hook("github", &["It's a Secret to Everybody"]);
    let headers = headers(&[("X-Hub-Signature-256", given)]);
    assert_eq!(hook.verify(&headers, b"Hello, World!", 0), Ok(()));
    assert_eq!(hook.verify(&headers, b"Hello, World?", 0), Err(NotVerified::Wrong));
}

/// From the specification of Standard Webhooks, section "Example", and the tests of its reference libraries.
#[test]
fn standard_webhooks_published_vector() {
    let hook = hook("standard-webhooks", &["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
    let given = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let headers = headers(&[
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", &format!("v1,bm9ldHU5OHU= v1a,xyz {given}")),
    ]);
    let (body, sent_ms) = (br#"{"test": 2432232314}"#, 1_614_265_330_000);
    assert_eq!(hook.verify(&headers, body, sent_ms), Ok(()));
    assert_eq!(hook.verify(&headers, body, sent_ms + 300_000), Ok(()));
    assert_eq!(hook.verify(&headers, body, sent_ms + 300_001), Err(NotVerified::TooOld));
    assert_eq!(hook.verify(&headers, body, sent_ms - 300_001), Err(NotVerified::TooOld));
    assert_eq!(hook.verify(&headers, br#"{"test": 2432232315}"#, sent_ms), Err(NotVerified::Wrong));
}

/// As Stripe's libraries sign in their own tests: `t=…,v1=…` over `t.body`, other schemes passed over.
#[test]
fn stripe_s_header() {
    let (body, secret) = (br#"{"id": "evt_test_webhook", "object": "event", "type": "invoice.paid"}"#.as_slice(), "whsec_test_secret");
    let signed = hex(&signature(secret.as_bytes(), &[b"1700000000.", body].concat()));
    let hook = hook("stripe", &["old", secret]);
    let verify = |header: &str, now_ms| hook.verify(&headers(&[("Stripe-Signature", header)]), body, now_ms);
    let now_ms = 1_700_000_000_000;
    assert_eq!(verify(&format!("t=1700000000,v1={signed},v0={signed}"), now_ms), Ok(()));
    assert_eq!(verify(&format!("t=1700000000,v1=00,v1={signed}"), now_ms), Ok(()));
    assert_eq!(verify(&format!("t=1700000001,v1={signed}"), now_ms), Err(NotVerified::Wrong));
    assert_eq!(verify(&format!("t=1700000000,v0={signed}"), now_ms), Err(NotVerified::Missing));
    assert_eq!(verify(&format!("v1={signed}"), now_ms), Err(NotVerified::Missing));
    assert_eq!(verify(&format!("t=1700000000,v1={signed}"), now_ms + 301_000), Err(NotVerified::TooOld));
    let event = hook.event(&HeaderMap::new(), body);
    assert_eq!((event.id.as_deref(), event.kind.as_deref()), (Some("evt_test_webhook"), Some("invoice.paid")));
}

/// RFC 4231, test case 2, in Shopify's form.
#[test]
fn shopify_s_header_is_base64_of_the_hash_of_the_body() {
    let hash = STANDARD.encode(Encoding::Hex.read("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843").unwrap());
    let mut hook = hook("shopify", &["Jefe"]);
    let topic = |topic: &str| headers(&[("X-Shopify-Hmac-Sha256", &hash), ("X-Shopify-Topic", topic), ("X-Shopify-Webhook-Id", "b1")]);
    let body = b"what do ya want for nothing?";
    assert_eq!(hook.verify(&topic("x"), body, 0), Ok(()));
    assert_eq!(hook.verify(&topic("x"), b"what do ya want for nothing!", 0), Err(NotVerified::Wrong));
    hook.types = BTreeMap::from([("products/delete".to_owned(), Do::Task(TaskType::DeleteObject)), ("ping".to_owned(), Do::Ignore)]);
    let what = |name: &str| hook.event(&topic(name), body).what;
    assert_eq!(what("products/delete"), Do::Task(TaskType::DeleteObject));
    assert_eq!(what("products/update"), Do::Task(TaskType::CreateObject));
    assert_eq!(what("ping"), Do::Ignore);
    assert_eq!(hook.event(&topic("x"), body).id.as_deref(), Some("b1"));
}

#[test]
fn the_generic_shape_signs_what_it_says() {
    let mut hook = hook("hmac", &["s3cret"]);
    hook.id = Some(Place::Header("x-id".to_owned()));
    hook.verify = Verify::Hmac(Box::new(Signed {
        header: "x-sig".to_owned(),
        prefix: "v0=".to_owned(),
        encoding: Encoding::Hex,
        text: "v0:{timestamp}:{id}:{x}{body}".to_owned(),
        timestamp: Some("x-time".to_owned()),
    }));
    let signed = hex(&signature(b"s3cret", b"v0:7:e1:{x}{body}"));
    let all = [("x-sig", format!("v0={signed}")), ("x-time", "7".to_owned()), ("x-id", "e1".to_owned())];
    let without = |name: &str| {
        let rest: Vec<(&str, &str)> =
            all.iter().filter(|(header, _)| *header != name).map(|(header, value)| (*header, value.as_str())).collect();
        hook.verify(&headers(&rest), b"{body}", 7_000)
    };
    assert_eq!(without(""), Ok(()));
    assert_eq!([without("x-sig"), without("x-time"), without("x-id")], [Err(NotVerified::Missing); 3]);
}

#[test]
fn basic_compares_name_and_password() {
    let hook = hook("basic", &["shop:secret", "shop:next"]);
    let verify = |pair: &str| hook.verify(&headers(&[("authorization", &format!("Basic {}", STANDARD.encode(pair)))]), b"", 0);
    assert_eq!([verify("shop:secret"), verify("shop:next")], [Ok(()); 2]);
    assert_eq!([verify("shop:secre"), verify(":"), verify("")], [Err(NotVerified::Wrong); 3]);
    assert_eq!(hook.verify(&headers(&[("authorization", "Bearer x")]), b"", 0), Err(NotVerified::Missing));
}

#[test]
fn nothing_is_taken_without_a_secret_or_with_two_signatures() {
    let given = hex(&signature(b"", b"x"));
    let one = headers(&[("x-signature", &given)]);
    assert_eq!(hook("hmac", &[]).verify(&one, b"x", 0), Err(NotVerified::Wrong));
    let mut two = one.clone();
    two.append("x-signature", given.parse().unwrap());
    assert_eq!(hook("hmac", &[""]).verify(&two, b"x", 0), Err(NotVerified::Missing));
    assert!(Webhook::of("unknown", Vec::new()).is_none());
}
