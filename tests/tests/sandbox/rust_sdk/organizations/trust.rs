//! Trusted services and delegated administrators.

use super::{ACCOUNT, DELEGATE, OTHER, Stage, reasoned, refusal};

const CONFIG: &str = "config-multiaccountsetup.amazonaws.com";

#[tokio::test]
async fn services_are_trusted_by_the_management_account_alone() {
    let stage = Stage::new().await;
    stage.client.enable_aws_service_access().service_principal(CONFIG).send().await.unwrap();
    let listed = stage.client.list_aws_service_access_for_organization().send().await.unwrap();
    assert_eq!(listed.enabled_service_principals()[0].service_principal(), Some(CONFIG));
    assert!(listed.enabled_service_principals()[0].date_enabled().is_some());
    let unknown = stage.client.enable_aws_service_access().service_principal("config").send().await;
    assert_eq!(reasoned(unknown).1, "UNRECOGNIZED_SERVICE_PRINCIPAL");
    let member = stage.of(OTHER).await.enable_aws_service_access().service_principal(CONFIG).send().await;
    assert_eq!(refusal(member).0, "AccessDeniedException");
    stage.client.disable_aws_service_access().service_principal(CONFIG).send().await.unwrap();
    let listed = stage.client.list_aws_service_access_for_organization().send().await.unwrap();
    assert!(listed.enabled_service_principals().is_empty());
}

#[tokio::test]
async fn administrators_are_delegated_where_that_makes_sense() {
    let stage = Stage::new().await;
    let register = |account: &str| {
        stage.client.register_delegated_administrator().account_id(account).service_principal(CONFIG).send()
    };
    assert_eq!(reasoned(register(DELEGATE).await).1, "SERVICE_ACCESS_NOT_ENABLED");
    stage.sandbox.world().trust(CONFIG).unwrap();
    assert_eq!(reasoned(register(ACCOUNT).await).1, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR");
    assert_eq!(refusal(register("999999999999").await).0, "AccountNotFoundException");
    register(DELEGATE).await.unwrap();
    assert_eq!(refusal(register(DELEGATE).await).0, "AccountAlreadyRegisteredException");
    let delegate = stage.of(DELEGATE).await;
    let listed = delegate.list_delegated_administrators().service_principal(CONFIG).send().await.unwrap();
    assert_eq!(listed.delegated_administrators()[0].id(), Some(DELEGATE));
    assert!(listed.delegated_administrators()[0].delegation_enabled_date().is_some());
    let other = delegate.list_delegated_administrators().service_principal("ram.amazonaws.com").send().await.unwrap();
    assert!(other.delegated_administrators().is_empty());
    let services = delegate.list_delegated_services_for_account().account_id(DELEGATE).send().await.unwrap();
    assert_eq!(services.delegated_services()[0].service_principal(), Some(CONFIG));
    let none = delegate.list_delegated_services_for_account().account_id(OTHER).send().await;
    assert_eq!(refusal(none).0, "AccountNotRegisteredException");
    let remove = stage.client.deregister_delegated_administrator();
    remove.account_id(DELEGATE).service_principal(CONFIG).send().await.unwrap();
    assert_eq!(refusal(delegate.list_roots().send().await).0, "AccessDeniedException");
}
