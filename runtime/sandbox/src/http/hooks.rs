//! Where `wasi:http` asks the host.

use std::sync::Arc;
use std::time::Instant;

use http::{HeaderName, Request, Response};
use wasmtime_wasi_http::{ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttpHooks};

use super::{TaskHttp, call, head};

/// For one task.
pub struct Hooks {
    /// Its calls.
    pub task: Arc<TaskHttp>,
    /// When the call into the guest must have ended that runs now.
    pub deadline: Instant,
}

type Sending = Box<dyn Future<Output = Result<(Response<WasiBody>, Ending)>> + Send>;
type Ending = Box<dyn Future<Output = Result<()>> + Send>;

impl WasiHttpHooks for Hooks {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        head::is_forbidden(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(head::is_forbidden)
    }

    /// The client sets it, from the origin that was checked.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(&mut self, request: Request<WasiBody>, options: Option<RequestOptions>, _fut: Ending) -> Sending {
        let sending = call::send(Arc::clone(&self.task), request, options.unwrap_or_default(), self.deadline);
        Box::new(async {
            let response = sending.await?;
            let ending: Ending = Box::new(async { Ok(()) });
            Ok((response, ending))
        })
    }
}
