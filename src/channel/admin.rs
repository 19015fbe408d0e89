//! The admin socket: commands of this machine's operator, a JSON line in, a JSON line out. Only the owner of the data folder can open it.

use crate::desk::{Desk, DeskError, NewAgent};
use crate::store::{AgentRecord, Audited, Erased, OneCustomer, PhraseVersion, Role};
use serde::{Deserialize, Serialize};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum AgentCommand {
    Add { email: String, name: String, role: Role, password: String },
    List,
    Disable { email: String },
    Password { email: String, password: String },
    ResetSecondFactor { email: String },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum PrivacyCommand {
    Erase { one: OneCustomer },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum KnowledgeCommand {
    /// The articles' files have these phrases now.
    Exported { phrases: Vec<PhraseVersion> },
}

/// All that an operator may ask of a running server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AdminCommand {
    Agent(AgentCommand),
    Privacy(PrivacyCommand),
    Knowledge(KnowledgeCommand),
}

/// What came of it; each command knows which of them is its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Done {
    Agents(Vec<AgentLine>),
    Exported { n_exported: usize },
    Erased(Erased),
}

/// An agent as commands print it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentLine {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub disabled: bool,
}

/// What goes back over the socket: what was done, or a sentence that says what was wrong.
type Answer = Result<Done, String>;

const MAX_LINE_BYTES: u64 = 64 * 1024;
const TIMEOUT: Duration = Duration::from_secs(30);

/// Runs one command, here or on behalf of whoever is at the socket.
pub async fn execute(desk: &Desk, command: AdminCommand) -> Result<Done, DeskError> {
    match command {
        AdminCommand::Agent(command) => Ok(Done::Agents(administer_agents(desk, command).await?)),
        AdminCommand::Privacy(PrivacyCommand::Erase { one }) => {
            let erased = desk.erase_customer(&one).await?;
            desk.note_audit(None, Audited::CustomerErased, &of_customer(&one)).await;
            Ok(Done::Erased(erased))
        }
        AdminCommand::Knowledge(KnowledgeCommand::Exported { phrases }) => {
            let n_exported = phrases.len();
            desk.phrases_exported(phrases).await?;
            Ok(Done::Exported { n_exported })
        }
    }
}

fn of_customer(one: &OneCustomer) -> String {
    match one {
        OneCustomer::Customer(id) => id.to_string(),
        OneCustomer::OfConversation(id) => format!("of conversation {id}"),
    }
}

async fn administer_agents(desk: &Desk, command: AgentCommand) -> Result<Vec<AgentLine>, DeskError> {
    match command {
        AgentCommand::Add { email, name, role, password } => {
            let agent = desk.add_agent(NewAgent { email, name, role, password }).await?;
            desk.note_audit(None, Audited::AgentAdded, &agent.email).await;
            Ok(vec![line(&agent)])
        }
        AgentCommand::List => Ok(desk.agents().await?.iter().map(line).collect()),
        AgentCommand::Disable { email } => {
            desk.disable_agent(&email).await?;
            desk.note_audit(None, Audited::AgentDisabled, &email).await;
            Ok(vec![])
        }
        AgentCommand::Password { email, password } => {
            desk.set_agent_password(&email, password).await?;
            desk.note_audit(None, Audited::PasswordSet, &email).await;
            Ok(vec![])
        }
        AgentCommand::ResetSecondFactor { email } => {
            desk.reset_second_factor(&email).await?;
            desk.note_audit(None, Audited::SecondFactorOff, &email).await;
            Ok(vec![])
        }
    }
}

/// Listens until dropped. A socket left behind by a killed server is replaced: the caller holds the data folder's lock.
pub fn listen(desk: Desk, socket: &Path) -> std::io::Result<tokio::task::JoinHandle<()>> {
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))?;
    Ok(tokio::spawn(async move {
        // One at a time: an operator types slower than this answers, and nothing needs a bound of its own.
        while let Ok((stream, _)) = listener.accept().await {
            match tokio::time::timeout(TIMEOUT, converse(&desk, stream)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "an admin command was cut off"),
                Err(_) => tracing::warn!("an admin command took too long"),
            }
        }
    }))
}

async fn converse(desk: &Desk, stream: UnixStream) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut request = String::new();
    BufReader::new(read.take(MAX_LINE_BYTES)).read_line(&mut request).await?;
    let answer: Answer = match serde_json::from_str(&request) {
        Ok(command) => execute(desk, command).await.map_err(|error| error.to_string()),
        Err(error) => Err(format!("the running server does not understand this command: {error}")),
    };
    let mut json = serde_json::to_vec(&answer)?;
    json.push(b'\n');
    write.write_all(&json).await
}

/// Sends a command to the server that runs on this data folder.
pub async fn send(socket: &Path, command: &AdminCommand) -> std::io::Result<Answer> {
    let exchange = async {
        let (read, mut write) = UnixStream::connect(socket).await?.into_split();
        let mut json = serde_json::to_vec(command)?;
        json.push(b'\n');
        write.write_all(&json).await?;
        let mut answer = String::new();
        BufReader::new(read).read_line(&mut answer).await?;
        Ok(serde_json::from_str(&answer)?)
    };
    tokio::time::timeout(TIMEOUT, exchange).await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
}

fn line(agent: &AgentRecord) -> AgentLine {
    let role = match agent.role {
        Role::Agent => "agent",
        Role::Lead => "lead",
        Role::Admin => "admin",
    };
    AgentLine {
        id: agent.id.to_string(),
        email: agent.email.clone(),
        name: agent.name.clone(),
        role: role.to_owned(),
        disabled: agent.is_disabled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ConversationId, CustomerId};

    #[test]
    fn commands_and_answers_come_through_the_socket_as_they_went() {
        let check = |command: AdminCommand| {
            let json = serde_json::to_string(&command).unwrap();
            let read: AdminCommand = serde_json::from_str(&json).unwrap();
            assert_eq!(format!("{read:?}"), format!("{command:?}"), "{json}");
        };
        check(AdminCommand::Agent(AgentCommand::List));
        check(AdminCommand::Agent(AgentCommand::Disable { email: "a@b.example".into() }));
        for one in
            [OneCustomer::Customer(CustomerId::new("c")), OneCustomer::OfConversation(ConversationId::new("erase"))]
        {
            check(AdminCommand::Privacy(PrivacyCommand::Erase { one }));
        }
        for done in [Done::Agents(vec![]), Done::Erased(Erased { n_words: 3, ..Erased::default() })] {
            let json = serde_json::to_string(&Ok::<_, String>(done.clone())).unwrap();
            assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), Ok(done), "{json}");
        }
    }
}
