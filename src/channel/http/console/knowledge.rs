//! The articles as agents see them: which there are, how they do, how they read, and what the bot would say to a question.

use super::super::Door;
use super::super::body::{Asking, JsonBody};
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::SignedIn;
use super::wire::Trace;
use crate::desk::asked::ask_once;
use crate::desk::{ArticleOverview, DeskError, MAX_TEXT_CHARS};
use crate::domain::{Article, ArticleId, Language};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(articles)).routes(routes!(article)).routes(routes!(try_out))
}

/// While the first articles are loading nobody is kept waiting longer than this.
const LOADING_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Serialize, ToSchema)]
pub struct Articles {
    articles: Vec<ArticleShape>,
    /// In which any article is written.
    #[schema(value_type = Vec<names::Language>)]
    languages: Vec<Language>,
}

/// One article with all its translations.
#[derive(Serialize, ToSchema)]
#[schema(as = ArticleRow)]
pub struct ArticleShape {
    id: String,
    titles: Vec<TitleShape>,
    /// Of all translations.
    n_phrases: usize,
    /// Languages of the knowledge base in which it is not written.
    #[schema(value_type = Vec<names::Language>)]
    missing: Vec<Language>,
    /// It may answer today.
    is_current: bool,
    /// Answers given with it in the last 30 days, of the newest 5000 of all.
    used: u32,
    /// Of these, those that the customer said helped …
    helped: u32,
    /// … and that they did not.
    did_not_help: u32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ArticleTitle)]
pub struct TitleShape {
    #[schema(value_type = names::Language)]
    language: Language,
    title: String,
}

impl ArticleShape {
    fn of(article: ArticleOverview) -> Self {
        let titles = article.titles.into_iter().map(|(language, title)| TitleShape { language, title }).collect();
        Self {
            id: article.id.to_string(),
            titles,
            n_phrases: article.n_phrases,
            missing: article.missing,
            is_current: article.is_current,
            used: article.usage.n_used,
            helped: article.usage.n_helped,
            did_not_help: article.usage.n_did_not_help,
        }
    }
}

/// All articles, with their translations and how they did lately.
#[utoipa::path(get, path = "/articles", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "By id", body = Articles),
    (status = 401, response = ProblemDetails),
    (status = 503, response = ProblemDetails),
))]
async fn articles(State(door): State<Arc<Door>>, _: SignedIn) -> Result<Json<Articles>, Problem> {
    let overview = door.desk.articles().await?.ok_or_else(loading)?;
    let articles = overview.articles.into_iter().map(ArticleShape::of).collect();
    Ok(Json(Articles { articles, languages: overview.languages }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InLanguage {
    /// The translation nearest to it comes; English when absent.
    language: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ArticleText)]
pub struct ArticleText {
    id: String,
    #[schema(value_type = names::Language)]
    language: Language,
    title: String,
    /// Sanitised.
    html: String,
    /// Without markup, as an agent would send it.
    text: String,
    phrases: Vec<String>,
    /// In which it is written.
    #[schema(value_type = Vec<names::Language>)]
    languages: Vec<Language>,
}

/// One article as customers read it.
#[utoipa::path(get, path = "/articles/{id}", tag = "console", params(("id" = String, Path), InLanguage),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "In the language nearest to the one that was asked for", body = ArticleText),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 503, response = ProblemDetails),
))]
async fn article(
    State(door): State<Arc<Door>>,
    _: SignedIn,
    Path(id): Path<String>,
    Asking(asked): Asking<InLanguage>,
) -> Result<Json<ArticleText>, Problem> {
    let wanted = asked.language.as_deref().and_then(Language::parse).unwrap_or(Language::En);
    let all = door.desk.answering().articles().ok_or_else(loading)?.all;
    let id = ArticleId::new(id);
    let translations: Vec<&Arc<Article>> = all.iter().filter(|article| article.id == id).collect();
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_article", "There is no such article.");
    let nearest = translations.iter().min_by_key(|article| wanted.distance(article.language)).ok_or_else(unknown)?;
    Ok(Json(ArticleText {
        id: id.to_string(),
        language: nearest.language,
        title: nearest.title.clone(),
        html: nearest.html.clone(),
        text: nearest.text.clone(),
        phrases: nearest.phrases.clone(),
        languages: translations.iter().map(|article| article.language).collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
pub struct TryBody {
    /// 1 to 4000 characters.
    question: String,
    /// A BCP 47 tag; the words may say otherwise.
    language: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Tried {
    trace: Trace,
    /// What the customer would read, where it would be an answer.
    answer: Option<String>,
    /// What would be offered, where it would ask back.
    options: Vec<String>,
}

/// What the bot would say to a question, and why. Nothing is stored.
#[utoipa::path(post, path = "/try", tag = "console", request_body = TryBody, security(("agent_cookie" = [])), responses(
    (status = 200, description = "The decision with its evidence", body = Tried),
    (status = 401, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 503, response = ProblemDetails),
))]
async fn try_out(
    State(door): State<Arc<Door>>,
    _: SignedIn,
    JsonBody(body): JsonBody<TryBody>,
) -> Result<Json<Tried>, Problem> {
    if body.question.trim().is_empty() {
        return Err(DeskError::TextEmpty.into());
    }
    if body.question.chars().count() > MAX_TEXT_CHARS {
        return Err(DeskError::TextTooLong.into());
    }
    let language = body.language.as_deref().and_then(Language::parse);
    let asking = ask_once(door.desk.answering(), &body.question, language);
    let asked = tokio::time::timeout(LOADING_TIMEOUT, asking).await.map_err(|_| loading())?.wire();
    Ok(Json(Tried {
        trace: Trace::of(&asked.trace),
        answer: asked.answer.map(|answer| answer.text),
        options: asked.options.unwrap_or_default().into_iter().map(|option| option.title).collect(),
    }))
}

fn loading() -> Problem {
    Problem::unavailable("The articles are being loaded.")
}
