use super::*;
use serde_json::json;

fn parse(value: Value) -> Result<Selection, RequestError> {
    let options = ParseOptions::default();
    super::parse(Some(value), "select", &options, &mut Conditions::new(&options))
}

/// `a b:x orders(…)`, as it was understood.
fn shape(selection: &Selection) -> String {
    let column = |selected: &Selected| match selected {
        Selected::Every => "*".to_owned(),
        Selected::Column { name, alias: None } => name.clone(),
        Selected::Column { name, alias: Some(alias) } => format!("{alias}:{name}"),
    };
    let embed = |embed: &EmbedRequest| {
        let schema =
            embed.relation.schema.as_ref().map_or(String::new(), |name| format!("{name}."));
        let alias = embed.alias.as_ref().map_or(String::new(), |alias| format!("{alias}="));
        let hint = embed.hint.as_ref().map_or(String::new(), |hint| format!("!{hint}"));
        let inner = if embed.is_inner { "!!" } else { "" };
        format!("{alias}{schema}{}{hint}{inner}({})", embed.relation.name, shape(&embed.selection))
    };
    let columns = selection.columns.iter().map(column);
    columns.chain(selection.embeds.iter().map(embed)).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_form_of_a_selection_is_understood() {
    for (value, expected) in [
        (json!("*"), "*"),
        (json!(""), ""),
        (json!("id, name"), "id name"),
        (json!(["id", "name"]), "id name"),
        (json!("total:amount"), "total:amount"),
        (json!("amount as total, b AS c"), "total:amount c:b"),
        (json!(["amount as total", "x:y"]), "total:amount x:y"),
        (json!(r#""odd, name""#), "odd, name"),
        (json!(r#""a:b":"c ""d""(e)""#), r#"a:b:c "d"(e)"#),
        (json!(["a \"b\" 名前", "price (net)"]), "a \"b\" 名前 price (net)"),
        (json!("id,orders(id,total)"), "id orders(id total)"),
        (json!("id,org:public.orgs(id,name)"), "id org=public.orgs(id name)"),
        (json!("*,orders!inner(*)"), "* orders!!(*)"),
        (json!("buyer:users!orders_user_id_fkey(name)"), "buyer=users!orders_user_id_fkey(name)"),
        (json!("users!fk!inner(name)"), "users!fk!!(name)"),
        (json!("parent.users(name)"), "parent.users(name)"),
        (json!("a(b(c(d)),e)"), "a(e b(c(d)))"),
        (json!(["id", "orders(id)"]), "id orders(id)"),
        (json!({"id": true, "no": false, "orders": {"select": {"id": true}}}), "id orders(id)"),
        (
            json!({"orders": {"select": "id,n:name", "as": "latest", "via": "fk", "schema": "s", "inner": true}}),
            "latest=s.orders!fk!!(id n:name)",
        ),
        (json!({"orders": {}}), "orders()"),
    ] {
        assert_eq!(shape(&parse(value.clone()).unwrap()), expected, "{value}");
    }
}

#[test]
fn an_embedded_relation_has_conditions_an_order_and_a_window() {
    let selection = parse(json!({"orders": {
        "select": {"id": true}, "where": {"status": {"eq": "paid"}, "or": [{"eq_column": "a", "eq_value": 1}]},
        "orderBy": {"column": "id", "ascending": false}, "limit": 3, "offset": 1,
    }}));
    let embed = &selection.unwrap().embeds[0];
    assert!(matches!(&embed.filter, Filter::And(conditions) if conditions.len() == 2));
    assert_eq!((embed.order.len(), embed.limit, embed.offset), (1, Some(3), 1));
}

#[test]
fn what_is_no_selection_is_refused_by_its_place() {
    for (value, place) in [
        (json!(7), "select"),
        (json!([7]), "select"),
        (json!("a,,b"), "select"),
        (json!("a,"), "select"),
        (json!("a::text"), "select"),
        (json!("orders(id"), "select"),
        (json!("orders(id))"), "select"),
        (json!("orders()"), "select.orders"),
        (json!("a(b())"), "select.a.b"),
        (json!("a.b.c(id)"), "select.a.b.c"),
        (json!("a!x!y(id)"), "select.a"),
        (json!("a!(id)"), "select.a"),
        (json!(":a"), "select"),
        (json!("a as "), "unknown"),
        (json!({"id": 7}), "select.id"),
        (json!({"id": "x"}), "select.id"),
        (json!({"id": false}), "select"),
        (json!({}), "select"),
        (json!({"orders": {"select": {}}}), "select.orders.select"),
        (json!({"orders": {"selekt": true}}), "select.orders.selekt"),
        (json!({"orders": {"limit": -1}}), "select.orders.limit"),
        (json!({"orders": {"where": {"a": {"resembles": 1}}}}), "select.orders.where.a"),
    ] {
        match parse(value.clone()) {
            Err(error) => {
                let problem = error.problem();
                assert_eq!(problem.status, 400, "{value}");
                assert!(problem.message.contains(place), "{value}: {problem:?}");
            }
            // A name that ends in a space is trimmed, and then it is one.
            Ok(selection) => {
                assert_eq!(("unknown", shape(&selection).as_str()), (place, "a as"), "{value}")
            }
        }
    }
}

#[test]
fn embedded_relations_are_counted_and_stand_five_deep_at_most() {
    let nested = |depth: usize| format!("{}id{}", "a(".repeat(depth), ")".repeat(depth));
    assert!(parse(json!(nested(5))).is_ok());
    assert_eq!(parse(json!(nested(6))).unwrap_err().problem().code, "invalid_field");
    assert_eq!(parse(json!(nested(20_000))).unwrap_err().problem().status, 400);
    let many = |count: usize| vec!["a(id)"; count];
    assert!(parse(json!(many(50))).is_ok());
    assert_eq!(parse(json!(many(51))).unwrap_err().problem().code, "too_many");
}
