//! Codes at sign-in, and for whom a member works.

use super::{House, KEY, code, house, house_with, peer, session};
use crate::console::FrontDoor;
use api_types::Problem;
use api_types::account::SecondStep;
use api_types::console::{ListQuery, SignInInput};
use app::port::{Console, Door, Entered, HalfCookie, SessionCookie};
use auth::TotpSecret;
use gateway::admin::{
    audit::Actor,
    people::{People, PersonWanted},
};
use secrets::{KeySource, Kms, LocalKms};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use store::AuditQuery;

/// Somebody with a second step, and what they need for it.
struct Ann {
    id: String,
    console: Arc<dyn Console>,
    secret: TotpSecret,
    /// The code that confirmed the secret.
    first: String,
    recovery: Vec<String>,
}

const ANN: &str = "ann@example.com";
const PASSWORD: &str = "correct horse";

impl House {
    /// Past the password, before the code.
    async fn half(&self, password: &str) -> Result<HalfCookie, Problem> {
        half_of(&self.door, password).await
    }

    async fn finish(&self, half: &HalfCookie, typed: &str) -> Result<SessionCookie, Problem> {
        self.door.finish_sign_in(half, typed, peer()).await
    }

    async fn invite(&self, id: &str) -> Entered {
        let invited = People::new(self.store.clone()).invite(&Actor::System, id, None).await;
        self.door.redeem_link(&invited.unwrap().token, peer()).await.unwrap()
    }

    /// Ann with a password, signed in, without a second step.
    async fn newcomer(&self) -> (String, Arc<dyn Console>) {
        let wanted = PersonWanted { email: ANN.to_owned(), ..PersonWanted::default() };
        let people = People::new(self.store.clone());
        let ann = people.create(&Actor::System, wanted).await.unwrap();
        let cookie = session(self.invite(&ann.id).await);
        let console = self.door.open(&cookie).await.unwrap().unwrap();
        console.change_password(String::new(), PASSWORD.to_owned()).await.unwrap();
        (ann.id, console)
    }

    async fn ann(&self) -> Ann {
        let (id, console) = self.newcomer().await;
        console.begin_second_step().await.unwrap();
        let setup = console.second_step_setup().await.unwrap().unwrap();
        let secret = TotpSecret::parse(&setup.secret).unwrap();
        let first = secret.shown_at(SystemTime::now());
        console.confirm_second_step(&first).await.unwrap();
        Ann { id, console, secret, first, recovery: setup.recovery_codes }
    }
}

async fn half_of(door: &FrontDoor, password: &str) -> Result<HalfCookie, Problem> {
    let input = SignInInput { email: ANN.to_owned(), password: password.to_owned() };
    match door.sign_in(input, peer()).await? {
        Entered::Half(half) => Ok(half),
        Entered::Session(_) => panic!("no second step was asked for"),
    }
}

impl Ann {
    /// The code after the one that confirmed the secret; a clock may be one step off.
    fn next_code(&self) -> String {
        self.secret.shown_at(SystemTime::now() + Duration::from_secs(30))
    }
}

fn wrong() -> (u16, String) {
    (401, "wrong_code".to_owned())
}

fn expired() -> (u16, String) {
    (410, "sign_in_expired".to_owned())
}

#[tokio::test]
async fn a_second_step_counts_once_a_code_has_confirmed_it() {
    let house = house().await;
    let (_, console) = house.newcomer().await;
    assert!(console.second_step_setup().await.unwrap().is_none());
    assert_eq!(
        code(console.confirm_second_step("123456").await),
        (410, "second_step_expired".to_owned())
    );
    console.begin_second_step().await.unwrap();
    let first = console.second_step_setup().await.unwrap().unwrap();
    console.begin_second_step().await.unwrap();
    let setup = console.second_step_setup().await.unwrap().unwrap();
    assert_ne!(setup.secret, first.secret);
    assert!(setup.uri.starts_with("otpauth://totp/Athena:ann%40example%2Ecom?secret="));
    assert_eq!(setup.recovery_codes.len(), 10);
    let other = house.sign_in(ANN, PASSWORD).await.unwrap();
    let late = TotpSecret::parse(&first.secret).unwrap().shown_at(SystemTime::now());
    for typed in ["", "12345", &late, &setup.recovery_codes[0]] {
        assert_eq!(code(console.confirm_second_step(typed).await), wrong(), "{typed}");
    }
    assert_eq!(console.second_step().await.unwrap(), SecondStep::Off);
    let secret = TotpSecret::parse(&setup.secret).unwrap();
    console.confirm_second_step(&secret.shown_at(SystemTime::now())).await.unwrap();
    assert_eq!(console.second_step().await.unwrap(), SecondStep::On { recovery_left: 10 });
    assert!(house.door.open(&other).await.unwrap().is_none(), "every other session has ended");
    assert!(console.second_step_setup().await.unwrap().is_none(), "it is shown no more");
    assert_eq!(code(console.begin_second_step().await), (409, "second_step_on".to_owned()));
}

#[tokio::test]
async fn there_is_no_session_before_the_code_and_a_code_is_used_once() {
    let house = house().await;
    let ann = house.ann().await;
    assert_eq!(code(house.half("wrong").await), (401, "wrong_password".to_owned()));
    let half = house.half(PASSWORD).await.unwrap();
    assert!(house.door.awaits_code(&half).await.unwrap());
    let posed = SessionCookie(half.0.clone());
    assert!(house.door.open(&posed).await.unwrap().is_none(), "half a sign-in opens nothing");
    let next = ann.next_code();
    assert_eq!(code(house.finish(&half, &ann.first).await), wrong(), "it confirmed the secret");
    let cookie = house.finish(&half, &format!("{} {}", &next[..3], &next[3..])).await.unwrap();
    let console = house.door.open(&cookie).await.unwrap().unwrap();
    assert_eq!(console.viewer().email, ANN);
    assert!(!house.door.awaits_code(&half).await.unwrap());
    assert_eq!(code(house.finish(&half, &next).await), expired());
    let again = house.half(PASSWORD).await.unwrap();
    assert_eq!(code(house.finish(&again, &next).await), wrong(), "it was used");
    let forged = HalfCookie("0".repeat(64));
    assert_eq!(code(house.finish(&forged, &next).await), expired());
    assert_eq!(code(house.finish(&HalfCookie(String::new()), &next).await), expired());
}

#[tokio::test]
async fn a_link_leads_to_the_second_step_too() {
    let house = house().await;
    let ann = house.ann().await;
    let Entered::Half(half) = house.invite(&ann.id).await else { panic!("in without a code") };
    let cookie = house.finish(&half, &ann.next_code()).await.unwrap();
    assert!(house.door.open(&cookie).await.unwrap().is_some());
}

#[tokio::test]
async fn a_recovery_code_stands_for_one_code_of_the_app() {
    let house = house().await;
    let ann = house.ann().await;
    let half = house.half(PASSWORD).await.unwrap();
    assert!(house.finish(&half, &ann.recovery[3].to_uppercase()).await.is_ok());
    let half = house.half(PASSWORD).await.unwrap();
    assert_eq!(code(house.finish(&half, &ann.recovery[3]).await), wrong());
    assert_eq!(ann.console.second_step().await.unwrap(), SecondStep::On { recovery_left: 9 });
    assert!(house.finish(&half, &ann.recovery[4].replace('-', "")).await.is_ok());
}

#[tokio::test]
async fn guessing_codes_becomes_slow_however_often_the_password_is_right() {
    let house = house().await;
    let ann = house.ann().await;
    for _ in 0..5 {
        let half = house.half(PASSWORD).await.unwrap();
        assert_eq!(code(house.finish(&half, "000000").await), wrong());
    }
    let half = house.half(PASSWORD).await.unwrap();
    let slow = (429, "too_many_attempts".to_owned());
    assert_eq!(code(house.finish(&half, &ann.next_code()).await), slow);
    assert_eq!(code(ann.console.end_second_step(&ann.next_code(), String::new()).await), slow);
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert!(house.finish(&half, &ann.next_code()).await.is_ok(), "a pause has its end");
}

#[tokio::test]
async fn without_the_key_for_secrets_no_code_of_an_app_is_right_and_nobody_gets_by_without_one() {
    let house = house().await;
    let ann = house.ann().await;
    let other: Arc<dyn Kms> =
        Arc::new(LocalKms::new(KeySource::given(&"22".repeat(32), None).unwrap()).unwrap());
    for vault in [None, Some(other)] {
        let hall = crate::console::Hall::new(house.store.clone()).with_vault(vault);
        let (engine, library) = (house.door.engine.clone(), Arc::clone(&house.door.library));
        let door = FrontDoor { hall: Arc::new(hall), engine, library };
        let half = half_of(&door, PASSWORD).await.unwrap();
        let refused = door.finish_sign_in(&half, &ann.next_code(), None).await;
        assert_eq!(code(refused), (503, "second_step_unavailable".to_owned()));
        assert!(door.open(&SessionCookie(half.0.clone())).await.unwrap().is_none());
        let recovered = door.finish_sign_in(&half, &ann.recovery[0], None).await;
        match recovered {
            Ok(cookie) => assert!(door.open(&cookie).await.unwrap().is_some()),
            Err(problem) => {
                assert_eq!(problem.code, "wrong_code", "the second round finds it used")
            }
        }
    }
    assert_eq!(ann.console.second_step().await.unwrap(), SecondStep::On { recovery_left: 9 });
    let keyless = house_with(None).await;
    let (_, console) = keyless.newcomer().await;
    assert_eq!(
        code(console.begin_second_step().await),
        (503, "second_step_unavailable".to_owned())
    );
}

#[tokio::test]
async fn switching_off_takes_a_code_or_the_password() {
    let house = house().await;
    let ann = house.ann().await;
    let end = async |code: &str, password: &str| {
        ann.console.end_second_step(code, password.to_owned()).await
    };
    assert_eq!(code(end("", "").await), (401, "wrong_password".to_owned()));
    assert_eq!(code(end("", "wrong horse").await), (401, "wrong_password".to_owned()));
    assert_eq!(code(end("000000", PASSWORD).await), wrong(), "a wrong code is no code left out");
    assert_eq!(ann.console.second_step().await.unwrap(), SecondStep::On { recovery_left: 10 });
    end("", PASSWORD).await.unwrap();
    assert_eq!(ann.console.second_step().await.unwrap(), SecondStep::Off);
    assert!(house.sign_in(ANN, PASSWORD).await.is_ok());
    assert_eq!(code(end("", PASSWORD).await), (409, "second_step_off".to_owned()));
    assert!(house.store.secrets().await.unwrap().is_empty());
    ann.console.begin_second_step().await.unwrap();
    let setup = ann.console.second_step_setup().await.unwrap().unwrap();
    let secret = TotpSecret::parse(&setup.secret).unwrap();
    ann.console.confirm_second_step(&secret.shown_at(SystemTime::now())).await.unwrap();
    let next = secret.shown_at(SystemTime::now() + Duration::from_secs(30));
    end(&next, "").await.unwrap();
    assert_eq!(ann.console.second_step().await.unwrap(), SecondStep::Off);
}

#[tokio::test]
async fn the_administrator_has_a_second_step_like_everybody() {
    let house = house().await;
    let console = house.console().await;
    console.begin_second_step().await.unwrap();
    let setup = console.second_step_setup().await.unwrap().unwrap();
    let secret = TotpSecret::parse(&setup.secret).unwrap();
    console.confirm_second_step(&secret.shown_at(SystemTime::now())).await.unwrap();
    let input = || SignInInput { email: "admin@localhost".to_owned(), password: KEY.to_owned() };
    let entered = house.door.sign_in(input(), None).await.unwrap();
    assert!(matches!(entered, Entered::Half(_)));
    console.end_second_step("", KEY.to_owned()).await.unwrap();
    let entered = house.door.sign_in(input(), None).await.unwrap();
    assert!(matches!(entered, Entered::Session(_)));
}

#[tokio::test]
async fn neither_secret_nor_recovery_code_stands_anywhere_and_the_trail_knows_who_did_what() {
    let house = house().await;
    let ann = house.ann().await;
    let secret = ann.secret.reveal().to_string();
    assert!(house.holds(&ann.id).await, "what is looked for would be found");
    for text in [&secret, &ann.recovery[0], &ann.recovery[0].replace('-', "")] {
        assert!(!house.holds(text).await, "{text}");
    }
    ann.console.end_second_step("", PASSWORD.to_owned()).await.unwrap();
    let deeds =
        house.store.audit_rows(&AuditQuery { limit: 100, ..AuditQuery::default() }).await.unwrap();
    let actor = format!("person:{}", ann.id);
    let told: Vec<_> = deeds
        .iter()
        .filter(|deed| deed.actor == actor && deed.subject == ann.id)
        .map(|deed| deed.action.as_str())
        .collect();
    assert_eq!(told, ["totp.disabled", "totp.enabled"]);
}

impl House {
    /// Whether a text stands in any table that has to do with second steps.
    async fn holds(&self, text: &str) -> bool {
        const ANYWHERE: &str = "
            select exists (select from sys_secret t where strpos(t::text, $1) > 0)
                or exists (select from console_totp t where strpos(t::text, $1) > 0)
                or exists (select from console_recovery_codes t where strpos(t::text, $1) > 0)
                or exists (select from console_half_sign_ins t where strpos(t::text, $1) > 0)
                or exists (select from admin_audit t where strpos(t::text, $1) > 0)";
        let mut connection = self._databases.1.connect().await;
        sqlx::query_scalar(ANYWHERE).bind(text).fetch_one(&mut connection).await.unwrap()
    }
}

#[tokio::test]
async fn a_member_of_two_organizations_works_for_the_one_they_choose() {
    let house = house().await;
    let (id, console) = house.newcomer().await;
    let people = People::new(house.store.clone());
    let mut ids = Vec::new();
    for (name, scope) in [("Books", "read:invoices"), ("Arts", "read:customers")] {
        let made = people.create_organization(&Actor::System, name, None).await.unwrap();
        people.set_member(&Actor::System, &made.id, &id, &[scope.to_owned()]).await.unwrap();
        ids.push(made.id);
    }
    let named = async |console: &Arc<dyn Console>| {
        let mine = console.organizations().await.unwrap();
        mine.into_iter().map(|it| (it.name, it.is_chosen)).collect::<Vec<_>>()
    };
    let pairs = |arts: bool| vec![("Arts".to_owned(), arts), ("Books".to_owned(), !arts)];
    assert_eq!(named(&console).await, pairs(false), "joined first");
    for unknown in ["nonsense", "00000000-0000-4000-8000-000000000000"] {
        assert_eq!(code(console.work_for(unknown).await), (404, "unknown_member".to_owned()));
    }
    let cookie = house.sign_in(ANN, PASSWORD).await.unwrap();
    let reads = async |table: &str| {
        let console = house.door.open(&cookie).await.unwrap().unwrap();
        console.list(&house.client, table, ListQuery::default()).await.is_ok()
    };
    assert!(reads("invoices").await && !reads("customers").await);
    let here = house.door.open(&cookie).await.unwrap().unwrap();
    here.work_for(&ids[1]).await.unwrap();
    assert!(!reads("invoices").await && reads("customers").await, "at once");
    assert_eq!(named(&here).await, pairs(true));
    assert_eq!(named(&console).await, pairs(false), "another session is left alone");
    let admin = house.console().await;
    assert!(admin.organizations().await.unwrap().is_empty());
}
