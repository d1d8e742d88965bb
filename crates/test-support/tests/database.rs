//! What tests may rely on.

use sqlx::Row;
use test_support::TestDatabase;

#[tokio::test]
async fn two_databases_do_not_see_each_other() {
    let (one, other) = tokio::join!(TestDatabase::create(), TestDatabase::create());
    one.run("create table notes (id int); insert into notes values (1), (2)").await;
    other.run("create table notes (id int)").await;
    let count = "select count(*) from notes";
    let of_one = sqlx::query(count).fetch_one(&mut one.connect().await).await.unwrap();
    let of_other = sqlx::query(count).fetch_one(&mut other.connect().await).await.unwrap();
    assert_eq!((of_one.get::<i64, _>(0), of_other.get::<i64, _>(0)), (2, 0));
}

#[tokio::test]
async fn a_clone_has_what_its_original_had() {
    let original = TestDatabase::create().await;
    original.run("create table notes (id int); insert into notes values (7)").await;
    let clone = TestDatabase::clone_of(original.name()).await;
    let row = sqlx::query("select id from notes").fetch_one(&mut clone.connect().await).await;
    assert_eq!(row.unwrap().get::<i32, _>(0), 7);
}
