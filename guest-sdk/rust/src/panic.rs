//! A panic tells its message and place to the task's log before it ends the instance.

/// Sets the hook at the first call. Does nothing outside wasm, where the test harness has its own.
pub(crate) fn report_to_log() {
    #[cfg(target_family = "wasm")]
    {
        static HOOK: std::sync::Once = std::sync::Once::new();
        HOOK.call_once(|| {
            std::panic::set_hook(Box::new(|panic| {
                let message = panic.payload_as_str().unwrap_or("no message");
                match panic.location() {
                    Some(place) => crate::log!(error, "panicked at {place}: {message}"),
                    None => crate::log!(error, "panicked: {message}"),
                }
            }));
        });
    }
}
