//! What a person changes of their own: for whom they work, and their second step.

use api_types::{
    Problem,
    account::{OwnOrganization, QrPicture, SecondStep, SecondStepSetup},
};

const ORGANIZATIONS: [&str; 2] = ["Hesper Trading", "Nordlicht Energie"];

#[derive(Default)]
pub struct Own {
    organization: usize,
    second_step: Step,
}

#[derive(Default, PartialEq)]
enum Step {
    #[default]
    Off,
    Draft,
    On,
}

impl Own {
    pub fn organizations(&self) -> Vec<OwnOrganization> {
        let organization = |(at, name): (usize, &str)| OwnOrganization {
            id: at.to_string(),
            name: name.to_owned(),
            is_chosen: at == self.organization,
        };
        ORGANIZATIONS.into_iter().enumerate().map(organization).collect()
    }

    pub fn work_for(&mut self, organization: &str) -> Result<(), Problem> {
        let known = organization.parse().ok().filter(|at| *at < ORGANIZATIONS.len());
        let unknown =
            || Problem::new(404, "unknown_member", "You do not belong to this organization.");
        self.organization = known.ok_or_else(unknown)?;
        Ok(())
    }

    pub fn second_step(&self) -> SecondStep {
        match self.second_step {
            Step::On => SecondStep::On { recovery_left: 9 },
            Step::Off | Step::Draft => SecondStep::Off,
        }
    }

    pub fn begin(&mut self) {
        self.second_step = Step::Draft;
    }

    pub fn setup(&self) -> Option<SecondStepSetup> {
        (self.second_step == Step::Draft).then(|| SecondStepSetup {
            secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned(),
            uri: "otpauth://totp/Athena:desk?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned(),
            picture: QrPicture { side: 9, path: "M4 4h1v1h-1z".to_owned() },
            recovery_codes: vec!["aaaa-bbbb-cccc-dddd".to_owned(); 10],
        })
    }

    pub fn confirm(&mut self, code: &str) -> Result<(), Problem> {
        right(code)?;
        self.second_step = Step::On;
        Ok(())
    }

    pub fn end(&mut self, code: &str, password: &str) -> Result<(), Problem> {
        if password != "right" {
            right(code)?;
        }
        self.second_step = Step::Off;
        Ok(())
    }
}

/// There is one right code.
pub fn right(code: &str) -> Result<(), Problem> {
    match code {
        "123456" => Ok(()),
        _ => Err(Problem::new(401, "wrong_code", "The code is wrong, or was used before.")),
    }
}
