//! The TLS client, prepared beside everything else.
//!
//! Parsing the system's root certificates costs more than everything else of the function's start-up, and the SDK's own
//! client sets up TLS for each service client anew. This one does it once, on a second thread that begins first.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;

/// The TLS client, being prepared.
#[derive(Debug)]
pub struct PreparedTls {
    client: SharedHttpClient,
}

impl PreparedTls {
    /// Begins to prepare it. Nobody waits for the end but the first request, and only for what is not done by then.
    #[must_use]
    pub fn start() -> Self {
        // As the SDK makes its own: rustls with aws-lc, and a proxy where the environment names one.
        let client = Builder::new().build_with_connector_fn(|settings, components| {
            let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
            connector.set_proxy_config(Some(ProxyConfig::from_env()));
            connector.build()
        });
        let prepared = client.clone();
        // Without a thread, or with one that failed, the first request prepares everything and reports the error.
        let _ = std::thread::Builder::new().name("roots".to_owned()).spawn(move || {
            // This call caches the roots for the whole process.
            prepared.validate_base_client_config(&RuntimeComponentsBuilder::new("roots"), &ConfigBag::base()).is_ok()
        });
        Self { client }
    }

    pub(super) fn client(&self) -> Prepared {
        Prepared { inner: self.client.clone() }
    }
}

/// The SDK's default HTTPS client, but for not reading the root certificates again for each service.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    inner: SharedHttpClient,
}

impl HttpClient for Prepared {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.inner.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}
