//! Routes made of generated names mean what the YAML means.

use resources::{ResourceRoute, ResourcesConfig};
use schema::{Invoices, invoices};

#[test]
fn a_typed_route_is_the_route_of_the_yaml() {
    let typed = ResourceRoute::of::<Invoices>()
        .id(invoices::INVOICE_ID)
        .columns([invoices::NUMBER, invoices::STATUS])
        .search_by([invoices::NUMBER])
        .page_label("Bills")
        .build();
    let yaml = "
resources:
  invoices:
    schema: public
    idColumn: invoice_id
    columns: [number, status]
    searchBy: number
    page_label: Bills
";
    let written = ResourcesConfig::parse(yaml).expect("the YAML above is well formed");
    let client = "demo".parse().expect("demo is a client name");
    assert_eq!(written.routes_of(&client)["invoices"], &typed);
}
