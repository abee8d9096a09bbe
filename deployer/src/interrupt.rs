//! Ctrl-C, as something that work in many Regions can wait for.

use futures_util::future::{FutureExt as _, LocalBoxFuture, Shared};

/// Ends when the user wants to leave.
pub(crate) type Interrupt = Shared<LocalBoxFuture<'static, ()>>;

/// Begins to listen for Ctrl-C once it is first polled; from then on the system does not end the process by itself.
pub(crate) fn interrupt() -> Interrupt {
    let pressed = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the system ends the process by itself.
            std::future::pending::<()>().await;
        }
    };
    pressed.boxed_local().shared()
}
