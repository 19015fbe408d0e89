//! The OpenAPI 3.1 document, made from the handlers themselves.

use super::{Door, ask, attachments, commands, console, customer, live, transcript};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use std::sync::{Arc, LazyLock};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, PathItem, Ref, RefOr, Response, ResponsesBuilder};
use utoipa::{OpenApi as _, ToResponse};
use utoipa_axum::router::OpenApiRouter;

/// What other programs rely on. Fields are added freely and never renamed.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Firstline", description = "The first line of customer support: approved answers, explained decisions, and a person \
        when it matters. Errors are problem details (RFC 9457) with a stable `code`.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    tags(
        (name = "customer", description = "What the widget calls. Any page may."),
        (name = "console", description = "What agents call, with the cookie that signing in sets. Other sites' pages may not."),
        (name = "programs", description = "For other programs."),
    ),
    components(responses(super::problem::ProblemDetails), schemas(super::problem::ProblemDetails)),
)]
struct Described;

/// The whole document.
pub fn document() -> OpenApi {
    let api: OpenApiRouter<Arc<Door>> = customer::routes()
        .merge(commands::routes())
        .merge(transcript::routes())
        .merge(ask::routes())
        .merge(live::routes())
        .merge(attachments::routes())
        .merge(attachments::file_routes())
        .merge(console::routes())
        .merge(console::upload_routes())
        .merge(console::live_routes());
    let mut document = OpenApiRouter::with_openapi(Described::openapi()).nest("/api/v1", api).into_openapi();
    add_keys(&mut document);
    add_problem_to_every_operation(&mut document);
    name_console_operations(&mut document);
    document
}

pub(super) fn route() -> Router<Arc<Door>> {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| document().to_json().expect("the document is made of strings and numbers"));
    let answer =
        || async { ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], TEXT.as_str()) };
    Router::new().route("/openapi.json", get(answer))
}

fn add_keys(document: &mut OpenApi) {
    let bearer = |what: &str| {
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(what)).build())
    };
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("conversation_token", bearer("The token that opening a conversation returned."));
    components.add_security_scheme(
        "api_key",
        bearer("One of the operator's API keys; not needed on the server's own machine."),
    );
    let cookie = ApiKeyValue::new("firstline_desk");
    components.add_security_scheme("agent_cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

/// Any call can meet a full disk, a wrong body, or a limit.
fn add_problem_to_every_operation(document: &mut OpenApi) {
    let (name, _) = super::problem::ProblemDetails::response();
    let problem: RefOr<Response> = RefOr::Ref(Ref::from_response_name(name));
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            let others = std::mem::take(&mut operation.responses.responses);
            let all = ResponsesBuilder::new().responses_from_iter(others).response("default", problem.clone()).build();
            operation.responses = all;
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// Both sides have a `live`; generated clients need one name for each.
fn name_console_operations(document: &mut OpenApi) {
    let of_console = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/v1/desk/"));
    for (_, item) in of_console {
        for operation in operations(item) {
            operation.operation_id = operation.operation_id.take().map(|id| format!("desk_{id}"));
        }
    }
}

/// The names that stand for our enums. The domain knows nothing of OpenAPI; a test holds them together.
pub mod names {
    use serde::Deserialize;
    use utoipa::ToSchema;

    macro_rules! names {
        ($($(#[$doc:meta])* $name:ident { $($variant:ident),+ $(,)? })+) => {$(
            $(#[$doc])*
            #[derive(Debug, Deserialize, ToSchema)]
            #[serde(rename_all = "snake_case")]
            pub enum $name { $($variant),+ }
        )+};
    }

    names! {
        Speaker { Customer, Bot, Agent, System }
        TurnKind { Text, Option, Answer, Clarification, SmallTalk, Notice, Note }
        PhaseName { WithBot, Waiting, WithAgent, Resolved }
        Reason { CustomerAsked, NotUnderstood, DidNotHelp, TopicNeedsHuman, OutOfPatience, BotUnavailable, AgentRequested }
        Decision { Answer, Clarify, HandOff, SmallTalk, StaySilent }
        ChannelKind { Web, Telegram }
        Outcome { Solved, Unsolved, Abandoned, Merged }
        Verdict { Solved, Unsolved }
        Clock { Reaction, Claim, FirstReply, NextReply, Resolution, AgentSilence, Snooze, Idle, FollowUp }
        Presence { Online, Away, Offline }
        /// What the audit log knows.
        Audited {
            SignedIn, LockedOut, SecondFactorOn, SecondFactorOff, AgentAdded, AgentDisabled, PasswordSet, WorkSet, QueueSet, QueueUnset,
            CannedReplySet, CannedReplyRemoved, PhraseAccepted, PhraseRejected, LookSet, LookUnset, CustomerBlocked, CustomerUnblocked, CustomerExported, CustomerErased
        }
        ContactKind { Email, Phone }
        IdentityRule { Off, Optional, Required }
        DetailField { Name, Email, Phone, Order, Topic, Attributes }
        Transport { Polling, Webhook }
        Side { Right, Left }
        Theme { Auto, Light, Dark }
        QueueSource { File, Console, BuiltIn }
        Role { Agent, Lead, Admin }
    }

    #[derive(Debug, Deserialize, ToSchema)]
    pub enum Language {
        #[serde(rename = "en")]
        En,
        #[serde(rename = "zh-Hans")]
        ZhHans,
        #[serde(rename = "zh-Hant")]
        ZhHant,
        #[serde(rename = "ru")]
        Ru,
    }

    /// Something wrong in the folder of articles.
    #[derive(ToSchema)]
    #[allow(dead_code, reason = "describes knowledge's findings, which answering hands on")]
    pub struct Finding {
        /// `error` or `warning`.
        severity: String,
        code: String,
        file: String,
        line: u32,
        column: u32,
        message: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain;
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    #[test]
    fn every_route_is_described() {
        let json = serde_json::to_value(document()).unwrap();
        assert_eq!(json["openapi"], "3.1.0");
        let paths = json["paths"].as_object().unwrap();
        let mut found: Vec<String> = vec![];
        let mut ids = std::collections::HashSet::new();
        for (path, item) in paths {
            for method in ["get", "post", "put", "patch", "delete"] {
                let Some(operation) = item.get(method) else { continue };
                found.push(format!("{method} {path}"));
                assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path} has another's name");
                assert!(operation["responses"]["default"]["$ref"].is_string(), "{method} {path} knows no problem");
                assert!(
                    operation["summary"].is_string() || operation["description"].is_string(),
                    "{method} {path} says nothing"
                );
            }
        }
        found.sort();
        let mut expected: Vec<String> = [
            "delete /api/v1/desk/canned/{id}",
            "delete /api/v1/desk/conversations/{id}/turns/{turn}",
            "delete /api/v1/desk/me/avatar",
            "delete /api/v1/desk/phrases/{id}",
            "delete /api/v1/desk/sign_ins/{id}",
            "delete /api/v1/desk/sites/{site}/look",
            "delete /api/v1/desk/views/{id}",
            "get /api/v1/attachments/{key}",
            "get /api/v1/conversations/{id}/live",
            "get /api/v1/conversations/{id}/transcript",
            "get /api/v1/conversations/{id}/turns",
            "get /api/v1/desk/agents",
            "get /api/v1/desk/articles",
            "get /api/v1/desk/articles/{id}",
            "get /api/v1/desk/audit",
            "get /api/v1/desk/bots",
            "get /api/v1/desk/canned",
            "get /api/v1/desk/confidence",
            "get /api/v1/desk/conversations",
            "get /api/v1/desk/conversations/{id}",
            "get /api/v1/desk/conversations/{id}/draft",
            "get /api/v1/desk/customers/{id}/export",
            "get /api/v1/desk/findings",
            "get /api/v1/desk/live",
            "get /api/v1/desk/me",
            "get /api/v1/desk/phrases",
            "get /api/v1/desk/queues",
            "get /api/v1/desk/sign_in_options",
            "get /api/v1/desk/sign_ins",
            "get /api/v1/desk/sites",
            "get /api/v1/desk/sso/callback",
            "get /api/v1/desk/sso/start",
            "get /api/v1/desk/tags",
            "get /api/v1/desk/to_judge",
            "get /api/v1/desk/views",
            "get /api/v1/sites/{site}",
            "patch /api/v1/desk/conversations/{id}/turns/{turn}",
            "post /api/v1/ask",
            "post /api/v1/conversations",
            "post /api/v1/conversations/{id}/attachments",
            "post /api/v1/conversations/{id}/attributes",
            "post /api/v1/conversations/{id}/back_to_bot",
            "post /api/v1/conversations/{id}/contact",
            "post /api/v1/conversations/{id}/feedback",
            "post /api/v1/conversations/{id}/handoff",
            "post /api/v1/conversations/{id}/identify",
            "post /api/v1/conversations/{id}/link",
            "post /api/v1/conversations/{id}/rating",
            "post /api/v1/conversations/{id}/read",
            "post /api/v1/conversations/{id}/transcript",
            "post /api/v1/conversations/{id}/turns",
            "post /api/v1/conversations/{id}/typing",
            "post /api/v1/desk/agents",
            "post /api/v1/desk/agents/disable",
            "post /api/v1/desk/agents/password",
            "post /api/v1/desk/agents/reset_second_factor",
            "post /api/v1/desk/agents/work",
            "post /api/v1/desk/canned",
            "post /api/v1/desk/conversations/{id}/attachments",
            "post /api/v1/desk/conversations/{id}/block",
            "post /api/v1/desk/conversations/{id}/claim",
            "post /api/v1/desk/conversations/{id}/draft",
            "post /api/v1/desk/conversations/{id}/escalate",
            "post /api/v1/desk/conversations/{id}/follow_up",
            "post /api/v1/desk/conversations/{id}/follow_up_done",
            "post /api/v1/desk/conversations/{id}/hand_back",
            "post /api/v1/desk/conversations/{id}/judge",
            "post /api/v1/desk/conversations/{id}/look",
            "post /api/v1/desk/conversations/{id}/merge",
            "post /api/v1/desk/conversations/{id}/note",
            "post /api/v1/desk/conversations/{id}/read",
            "post /api/v1/desk/conversations/{id}/release",
            "post /api/v1/desk/conversations/{id}/reply",
            "post /api/v1/desk/conversations/{id}/resolve",
            "post /api/v1/desk/conversations/{id}/snooze",
            "post /api/v1/desk/conversations/{id}/tag",
            "post /api/v1/desk/conversations/{id}/take_over",
            "post /api/v1/desk/conversations/{id}/transfer",
            "post /api/v1/desk/conversations/{id}/typing",
            "post /api/v1/desk/conversations/{id}/unblock",
            "post /api/v1/desk/conversations/{id}/wake",
            "post /api/v1/desk/customers/{id}/erase",
            "post /api/v1/desk/heartbeat",
            "post /api/v1/desk/login",
            "post /api/v1/desk/logout",
            "post /api/v1/desk/me/avatar",
            "post /api/v1/desk/me/second_factor",
            "post /api/v1/desk/me/second_factor/end",
            "post /api/v1/desk/me/second_factor/offer",
            "post /api/v1/desk/phrases/{id}",
            "post /api/v1/desk/presence",
            "post /api/v1/desk/queues",
            "post /api/v1/desk/queues/{name}/unset",
            "post /api/v1/desk/sites/preview",
            "post /api/v1/desk/sites/{site}/look",
            "post /api/v1/desk/to_judge/{id}",
            "post /api/v1/desk/try",
            "post /api/v1/desk/views",
        ]
        .map(str::to_owned)
        .into();
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let json = serde_json::to_value(document()).unwrap();
        let mut refs = vec![];
        collect(&json, &mut refs);
        assert!(refs.len() > 50);
        for pointer in refs {
            assert!(json.pointer(pointer.trim_start_matches('#')).is_some(), "{pointer} leads nowhere");
        }
    }

    fn collect(value: &serde_json::Value, refs: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                refs.extend(members.get("$ref").and_then(|r| r.as_str()).map(str::to_owned));
                members.values().for_each(|member| collect(member, refs));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, refs)),
            _ => {}
        }
    }

    #[test]
    fn names_are_those_of_the_domain() {
        fn check<T: DeserializeOwned>(values: impl IntoIterator<Item = impl Serialize>) {
            for value in values {
                let name = serde_json::to_value(value).unwrap();
                assert!(serde_json::from_value::<T>(name.clone()).is_ok(), "{name} is not described");
            }
        }
        use domain::{DecisionKind, Reason, TurnKind};
        check::<names::Language>(domain::Language::ALL);
        check::<names::Decision>([
            DecisionKind::Answer,
            DecisionKind::Clarify,
            DecisionKind::HandOff,
            DecisionKind::SmallTalk,
            DecisionKind::StaySilent,
        ]);
        check::<names::Reason>([
            Reason::CustomerAsked,
            Reason::NotUnderstood,
            Reason::DidNotHelp,
            Reason::TopicNeedsHuman,
            Reason::OutOfPatience,
            Reason::BotUnavailable,
            Reason::AgentRequested,
        ]);
        check::<names::TurnKind>([
            TurnKind::Text,
            TurnKind::Option,
            TurnKind::Answer,
            TurnKind::Clarification,
            TurnKind::SmallTalk,
            TurnKind::Notice,
            TurnKind::Note,
        ]);
        check::<names::ChannelKind>([domain::ChannelKind::Web, domain::ChannelKind::Telegram]);
        check::<names::Outcome>([
            domain::Outcome::Solved,
            domain::Outcome::Unsolved,
            domain::Outcome::Abandoned,
            domain::Outcome::Merged,
        ]);
        use domain::Clock;
        check::<names::Clock>([
            Clock::Reaction,
            Clock::Claim,
            Clock::FirstReply,
            Clock::NextReply,
            Clock::Resolution,
            Clock::AgentSilence,
            Clock::Snooze,
            Clock::Idle,
            Clock::FollowUp,
        ]);
        use crate::store::Presence;
        check::<names::Presence>([Presence::Online, Presence::Away, Presence::Offline]);
        use crate::store::Audited;
        check::<names::Audited>([
            Audited::SignedIn,
            Audited::LockedOut,
            Audited::SecondFactorOn,
            Audited::SecondFactorOff,
            Audited::AgentAdded,
            Audited::AgentDisabled,
            Audited::PasswordSet,
            Audited::WorkSet,
            Audited::QueueSet,
            Audited::QueueUnset,
            Audited::CannedReplySet,
            Audited::CannedReplyRemoved,
            Audited::PhraseAccepted,
            Audited::PhraseRejected,
            Audited::LookSet,
            Audited::LookUnset,
            Audited::CustomerBlocked,
            Audited::CustomerUnblocked,
            Audited::CustomerExported,
            Audited::CustomerErased,
        ]);
        use domain::event::ContactKind;
        check::<names::ContactKind>([ContactKind::Email, ContactKind::Phone]);
        use domain::site::{DetailField, IdentityRule, Side, Theme};
        check::<names::IdentityRule>([IdentityRule::Off, IdentityRule::Optional, IdentityRule::Required]);
        check::<names::DetailField>([
            DetailField::Name,
            DetailField::Email,
            DetailField::Phone,
            DetailField::Order,
            DetailField::Topic,
            DetailField::Attributes,
        ]);
        use crate::channel::telegram::Transport;
        check::<names::Transport>([Transport::Polling, Transport::Webhook]);
        check::<names::Side>([Side::Right, Side::Left]);
        check::<names::Theme>([Theme::Auto, Theme::Light, Theme::Dark]);
        use crate::desk::Source;
        check::<names::QueueSource>([Source::File, Source::Console, Source::BuiltIn]);
        check::<names::Role>([crate::store::Role::Agent, crate::store::Role::Lead, crate::store::Role::Admin]);
        check::<names::PhaseName>(["with_bot", "waiting", "with_agent", "resolved"]);
        check::<names::Speaker>(["customer", "bot", "agent", "system"]);
    }
}
