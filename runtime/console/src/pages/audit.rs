//! Who changed what.

use maud::html;

use crate::html::frame::Section;
use crate::page::{Page, Shown};

pub(super) async fn show(page: Page) -> Shown {
    let answer = page.get("/v1/audit?limit=50").await?;
    let body = html! { h1 { "Audit" } p { (answer.to_string()) } };
    Ok(page.show("Audit", Section::Audit, &body))
}
