//! Finds words in articles: BM25 over titles, phrases and passages, with statistics of its own for each language.

use super::error::KnowledgeError;
use super::words;
use crate::domain::{Article, Language};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tantivy::directory::RamDirectory;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{DocSet, InvertedIndexReader, TERMINATED, TantivyDocument, Term};

/// Immutable, in memory, and searched from many threads at once.
pub struct Index {
    shelves: Vec<Shelf>,
    /// For each position, its shelf and its place there.
    places: Vec<(usize, usize)>,
}

/// What words alone say about a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Lexical {
    /// Best first, each position at most once.
    pub hits: Vec<Hit>,
    /// The score of an imagined best article: each word of the question once in its title and once in its phrases, words that the
    /// index does not know included. Not an upper bound (an article can repeat a word), but a scale on which scores
    /// of short and long questions compare. 0 without tokens.
    pub ceiling: f32,
    /// The share of the question's distinct tokens that no article of its language has, 0 to 1; 1 without tokens.
    pub unknown_share: f32,
    /// Some article is in a language whose words the question\'s can match.
    pub has_language: bool,
    /// For `Index::coverage`.
    asked: Vec<Asked>,
}

/// What the words of a question weigh on one shelf.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    speech: Speech,
    words: Vec<(WordHash, f32)>,
    /// Of all words of the question, also of those that this shelf is not asked for.
    total: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// In the slice given to `build`.
    pub position: usize,
    /// BM25F over the three fields, above 0.
    pub score: f32,
}

impl Index {
    /// Indexes `articles`, which a search then names by their positions.
    pub fn build(articles: &[Arc<Article>]) -> Result<Self, KnowledgeError> {
        let shelf_of = |speech: Speech| -> Vec<(usize, &Article)> {
            articles
                .iter()
                .enumerate()
                .map(|(i, a)| (i, a.as_ref()))
                .filter(|(_, a)| speech == a.language.into())
                .collect()
        };
        let filled =
            Speech::ALL.map(|speech| (speech, shelf_of(speech))).into_iter().filter(|(_, all)| !all.is_empty());
        let shelves: Vec<Shelf> = filled.map(|(speech, all)| Shelf::fill(speech, &all)).collect::<Result<_, _>>()?;
        let mut places = vec![(0, 0); articles.len()];
        for (number, shelf) in shelves.iter().enumerate() {
            for (document, position) in shelf.positions.iter().enumerate() {
                places[*position] = (number, document);
            }
        }
        Ok(Self { shelves, places })
    }

    /// The best articles for a question that went through `words::normalise`, at most `limit`: all Chinese ones for a Chinese
    /// question whatever its script, otherwise those of `language`, and at a discount those of other languages that share its Latin words, which are names of products
    /// and services.
    pub fn search(&self, normalised: &str, language: Language, limit: usize) -> Result<Lexical, KnowledgeError> {
        let speech = Speech::from(language);
        let mut tokens = words::search_tokens(normalised, language);
        tokens.sort_unstable();
        tokens.dedup();
        let mut found = Lexical::nothing();
        for shelf in &self.shelves {
            if shelf.speech == speech {
                found.has_language = true;
                shelf.score(&tokens, 1.0, &mut found)?;
            } else {
                let names: Vec<String> = tokens.iter().filter(|token| is_latin(token)).cloned().collect();
                let mut foreign = Lexical::nothing();
                shelf.score(&names, FOREIGN_DISCOUNT, &mut foreign)?;
                found.hits.append(&mut foreign.hits);
                let n_left_out = (tokens.len() - names.len()) as f32;
                let left_out = n_left_out * idf(0, shelf.positions.len());
                let asked = foreign.asked.into_iter();
                found.asked.extend(asked.map(|asked| Asked { total: asked.total + left_out, ..asked }));
            }
        }
        found.hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.position.cmp(&b.position)));
        found.hits.truncate(limit);
        Ok(found)
    }

    /// The part of the question's words, by rarity, that stand together in the article's title and one of its passages, 0 to 1: scattered
    /// over a long text they mean less. `position` as in `build`.
    pub fn coverage(&self, found: &Lexical, position: usize) -> f32 {
        let (shelf, document) = self.places[position];
        let shelf = &self.shelves[shelf];
        let asked = found.asked.iter().find(|asked| asked.speech == shelf.speech && asked.total > 0.0);
        asked.map_or(0.0, |asked| shelf.bodies[document].most_of(&asked.words) / asked.total)
    }
}

impl Lexical {
    fn nothing() -> Self {
        Self { hits: vec![], ceiling: 0.0, unknown_share: 1.0, has_language: false, asked: vec![] }
    }
}

/// The words of a title and of each passage.
struct Body {
    title: WordSet,
    passages: Vec<WordSet>,
}

/// Sorted, each once.
type WordSet = Box<[WordHash]>;
/// Stands for a word; a few of ten thousands share theirs, which costs nothing but a little blur.
type WordHash = u32;

impl Body {
    fn of(title: &[String], passages: &[Vec<String>]) -> Self {
        let words = |tokens: &[String]| {
            let mut words: Vec<WordHash> = tokens.iter().map(|token| hash(token)).collect();
            words.sort_unstable();
            words.dedup();
            words.into_boxed_slice()
        };
        Self { title: words(title), passages: passages.iter().map(|passage| words(passage)).collect() }
    }

    /// What the best passage has of `words`, with what the title has.
    fn most_of(&self, words: &[(WordHash, f32)]) -> f32 {
        let has = |set: &WordSet, word: WordHash| set.binary_search(&word).is_ok();
        let (in_title, others): (Vec<_>, Vec<_>) = words.iter().partition(|(word, _)| has(&self.title, *word));
        let of_passage = |passage: &WordSet| {
            let in_passage = others.iter().filter(|(word, _)| has(passage, *word));
            in_passage.map(|(_, weight)| weight).sum::<f32>()
        };
        let of_title = in_title.iter().map(|(_, weight)| weight).sum::<f32>();
        of_title + self.passages.iter().map(of_passage).fold(0.0, f32::max)
    }
}

/// The same at every start.
fn hash(word: &str) -> WordHash {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish() as WordHash
}

/// What a name shared with an article in another language is worth.
const FOREIGN_DISCOUNT: f32 = 0.5;

fn is_latin(token: &str) -> bool {
    token.len() > 1 && token.is_ascii() && token.contains(|c: char| c.is_ascii_alphabetic())
}

/// Languages whose texts match each other word by word: after folding, both Chinese scripts are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    English,
    Chinese,
    Russian,
}

impl Speech {
    const ALL: [Self; 3] = [Self::English, Self::Chinese, Self::Russian];
}

impl From<Language> for Speech {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::English,
            Language::ZhHans | Language::ZhHant => Self::Chinese,
            Language::Ru => Self::Russian,
        }
    }
}

/// The articles of one speech in a tantivy index of one segment. Apart from the others, because rarity and average
/// length only mean something within a language.
struct Shelf {
    speech: Speech,
    /// For each document its position in the slice given to `build`.
    positions: Vec<usize>,
    fields: [FieldReader; 3],
    pieces: FieldReader,
    /// For each document.
    bodies: Vec<Body>,
}

/// What is indexed, with its weight in the score. All phrases of an article are one field, so that a question can draw its words from
/// several of them. Weights chosen on held-out phrases of the shipped articles and on the FAQ development sets.
const FIELDS: [(&str, f32); 3] = [("title", 2.0), ("phrases", 0.8), ("passages", 1.0)];

/// Pieces of the words of title and phrases, asked where no article has the word itself: typing errors, compounds, forms that the
/// stemmer does not know.
const PIECES: &str = "pieces";
/// Shorter words share their pieces with too many others.
const MIN_PIECES: usize = 4;
/// The part of a word's pieces, by rarity, below which an article does not have something like it. Chosen like `FIELDS`.
const MIN_SHARED: f32 = 0.6;
/// What a word that is only like it counts for.
const LIKENESS: f32 = 0.5;

/// The weighted frequency of a word that stands once in a title and once in the phrases, both of average length.
const IDEAL_FREQUENCY: f32 = FIELDS[0].1 + FIELDS[1].1;

/// BM25's saturation and length normalisation; see Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
/// Beyond", 2009, section 3.5 for weighted fields (BM25F). K1 is high because the weights add up: what saturates at 1.2 in one
/// field should not in three.
const K1: f32 = 3.0;
const B: f32 = 0.75;

/// In a long text a word that comes again says little more, whatever the other fields say: what the passages say of a word saturates by itself,
/// at BM25's usual 1.2, before it is added to what title and phrases say.
const K1_OF_PASSAGES: f32 = 1.2;

/// Room for the writer to begin with; it grows.
const WRITER_BYTES: usize = 1 << 20;

struct FieldReader {
    field: Field,
    weight: f32,
    /// Where its frequencies saturate by themselves.
    k1: Option<f32>,
    terms: Arc<InvertedIndexReader>,
    lengths: FieldNormReader,
    /// In tokens.
    average_length: f32,
}

impl Shelf {
    fn fill(speech: Speech, articles: &[(usize, &Article)]) -> Result<Self, KnowledgeError> {
        let mut schema = Schema::builder();
        let indexed = TextFieldIndexing::default()
            .set_tokenizer(BY_SPACES)
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(true);
        let options = TextOptions::default().set_indexing_options(indexed);
        let fields = FIELDS.map(|(name, _)| schema.add_text_field(name, options.clone()));
        let pieces = schema.add_text_field(PIECES, options);
        let builder = tantivy::Index::builder().schema(schema.build());
        let mut writer = builder.single_segment_index_writer(RamDirectory::create(), WRITER_BYTES)?;
        let mut bodies = vec![];
        for (_, article) in articles {
            let tokens = |text: &String| tokens_of(text, article.language);
            let (title, passages) = (tokens(&article.title), article.passages.iter().map(tokens).collect::<Vec<_>>());
            let phrases: Vec<String> = article.phrases.iter().flat_map(tokens).collect();
            bodies.push(Body::of(&title, &passages));
            let mut document = TantivyDocument::new();
            document.add_text(pieces, spaced(title.iter().chain(&phrases).flat_map(|word| words::pieces(word))));
            for (field, tokens) in fields.into_iter().zip([title, phrases, passages.concat()]) {
                document.add_text(field, tokens.join(" "));
            }
            writer.add_document(document)?;
        }
        let searcher = writer.finalize()?.reader()?.searcher();
        let segment = searcher.segment_reader(0);
        let reader = |field: Field, weight: f32, k1: Option<f32>| -> Result<FieldReader, KnowledgeError> {
            let terms = segment.inverted_index(field)?;
            let average_length = (terms.total_num_tokens() as f32 / articles.len() as f32).max(1.0);
            Ok(FieldReader { field, weight, k1, terms, lengths: segment.get_fieldnorms_reader(field)?, average_length })
        };
        let of_passages = |i: usize| (FIELDS[i].0 == "passages").then_some(K1_OF_PASSAGES);
        let [title, phrases, passages] = [0, 1, 2].map(|i| reader(fields[i], FIELDS[i].1, of_passages(i)));
        Ok(Self {
            speech,
            positions: articles.iter().map(|(position, _)| *position).collect(),
            fields: [title?, phrases?, passages?],
            pieces: reader(pieces, 1.0, None)?,
            bodies,
        })
    }

    /// Adds what this shelf says about distinct `tokens` to `found`. Term at a time: a question has few words, and a shelf so few articles that no skipping
    /// pays.
    fn score(&self, tokens: &[String], discount: f32, found: &mut Lexical) -> Result<(), KnowledgeError> {
        let n_documents = self.positions.len();
        let mut scores = vec![0.0_f32; n_documents];
        let mut frequencies = vec![0.0_f32; n_documents];
        let mut n_unknown = 0;
        let mut asked = Asked { speech: self.speech, words: vec![], total: 0.0 };
        for token in tokens {
            let mut holders = vec![];
            for field in &self.fields {
                field.weigh(token, &mut frequencies, &mut holders)?;
            }
            let idf = idf(holders.len(), n_documents);
            asked.words.push((hash(token), idf));
            asked.total += idf;
            found.ceiling += discount * idf * saturated(IDEAL_FREQUENCY);
            if holders.is_empty() {
                n_unknown += 1;
                for (document, likeness) in self.alike(token)? {
                    scores[document] += discount * idf * LIKENESS * likeness;
                }
            }
            for document in holders {
                scores[document] += discount * idf * saturated(frequencies[document]);
                frequencies[document] = 0.0;
            }
        }
        if !tokens.is_empty() {
            found.unknown_share = n_unknown as f32 / tokens.len() as f32;
        }
        found.asked.push(asked);
        let scored = self.positions.iter().zip(scores).filter(|(_, score)| *score > 0.0);
        found.hits.extend(scored.map(|(&position, score)| Hit { position, score }));
        Ok(())
    }
}

impl Shelf {
    /// Documents with a word like this one, and how much of its pieces they have, 0 to 1.
    fn alike(&self, token: &str) -> Result<Vec<(usize, f32)>, KnowledgeError> {
        let mut pieces = words::pieces(token);
        if pieces.len() < MIN_PIECES {
            return Ok(vec![]);
        }
        pieces.sort_unstable();
        pieces.dedup();
        let n_documents = self.positions.len();
        let (mut shared, mut whole) = (vec![0.0_f32; n_documents], 0.0);
        for piece in &pieces {
            let holders = self.pieces.holders(piece)?;
            let idf = idf(holders.len(), n_documents);
            whole += idf;
            holders.into_iter().for_each(|document| shared[document] += idf);
        }
        let parts = shared.into_iter().map(|sum| sum / whole).enumerate();
        Ok(parts.filter(|(_, part)| *part >= MIN_SHARED).collect())
    }
}

impl FieldReader {
    fn postings(&self, token: &str) -> Result<Option<SegmentPostings>, KnowledgeError> {
        let term = Term::from_field_text(self.field, token);
        let found = self.terms.read_postings(&term, IndexRecordOption::WithFreqs);
        Ok(found.map_err(tantivy::TantivyError::from)?)
    }

    fn holders(&self, token: &str) -> Result<Vec<usize>, KnowledgeError> {
        let mut holders = vec![];
        if let Some(mut postings) = self.postings(token)? {
            while postings.doc() != TERMINATED {
                holders.push(postings.doc() as usize);
                postings.advance();
            }
        }
        Ok(holders)
    }

    /// Adds the weighted frequency of `token` to each document that has it, and each new one to `holders`.
    fn weigh(&self, token: &str, frequencies: &mut [f32], holders: &mut Vec<usize>) -> Result<(), KnowledgeError> {
        let Some(mut postings) = self.postings(token)? else { return Ok(()) };
        while postings.doc() != TERMINATED {
            let document = postings.doc() as usize;
            if frequencies[document] == 0.0 {
                holders.push(document);
            }
            let length = self.lengths.fieldnorm(postings.doc()) as f32;
            frequencies[document] += self.weighted(postings.term_freq() as f32, length);
            postings.advance();
        }
        Ok(())
    }

    fn weighted(&self, frequency: f32, length: f32) -> f32 {
        let frequency = frequency / (1.0 - B + B * length / self.average_length);
        self.weight * self.k1.map_or(frequency, |k1| saturated_at(k1, frequency))
    }
}

fn saturated(frequency: f32) -> f32 {
    saturated_at(K1, frequency)
}

fn saturated_at(k1: f32, frequency: f32) -> f32 {
    frequency * (k1 + 1.0) / (frequency + k1)
}

/// Lucene's variant, which is never negative.
fn idf(n_holders: usize, n_documents: usize) -> f32 {
    let (n, total) = (n_holders as f32, n_documents as f32);
    (1.0 + (total - n + 0.5) / (n + 0.5)).ln()
}

/// The index gets our own tokens ready-made, so that it cannot disagree with what a question is cut into. Not as a
/// `PreTokenizedString`, which tantivy carries through JSON.
fn tokens_of(text: &str, language: Language) -> Vec<String> {
    words::search_tokens(&words::normalise(text), language)
}

fn spaced(tokens: impl Iterator<Item = String>) -> String {
    tokens.collect::<Vec<_>>().join(" ")
}

/// tantivy's tokenizer that cuts at spaces and does nothing else. No token holds a space.
const BY_SPACES: &str = "whitespace";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing;

    fn article(id: &str, language: Language, title: &str, phrases: &[&str]) -> Arc<Article> {
        let phrases = phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
        Arc::new(Article { language, title: title.into(), phrases, ..testing::article(id) })
    }

    fn shop() -> Vec<Arc<Article>> {
        use Language::{En, Ru, ZhHans, ZhHant};
        vec![
            article("refund", En, "When will I get my refund?", &["where is my money", "refund time"]),
            article("wifi", En, "The plug does not find Wi-Fi", &["wifi will not connect"]),
            article("refund", ZhHans, "退款多久到账", &["钱什么时候退给我"]),
            article("wifi", ZhHant, "裝置連不上網路", &["Wi-Fi 連不上", "網路密碼沒錯"]),
            article("refund", Ru, "Когда вернут деньги?", &["сколько ждать возврат на PayPal"]),
        ]
    }

    fn search(index: &Index, question: &str, language: Language) -> Lexical {
        index.search(&words::normalise(question), language, 10).expect("the index is in memory")
    }

    #[test]
    fn questions_find_articles_in_either_script_and_by_names_in_any_language() {
        let articles = shop();
        let index = Index::build(&articles).expect("built");
        let check = |question: &str, language: Language, expected: &[(&str, Language)]| {
            let found = search(&index, question, language);
            let named: Vec<_> =
                found.hits.iter().map(|h| (articles[h.position].id.as_str(), articles[h.position].language)).collect();
            assert_eq!(named, expected, "{question}");
        };
        use Language::{En, Ru, ZhHans, ZhHant};
        check("Where are my refunds?", En, &[("refund", En)]);
        check("退款多久到帳", ZhHant, &[("refund", ZhHans)]);
        check("网络密码", ZhHans, &[("wifi", ZhHant)]);
        check("возвраты", Ru, &[("refund", Ru)]);
        check("paypal", En, &[("refund", Ru)]);
        check("connect the wi-fi", En, &[("wifi", En), ("wifi", ZhHant)]);
        check("деньги", En, &[]);
        check("?!", En, &[]);
    }

    #[test]
    fn misspelt_words_find_what_they_are_like_and_stay_unknown() {
        use Language::{En, Ru};
        // Rarity means something only among others.
        let topics = [
            ("warranty", "Сколько длится гарантия", Ru),
            ("delivery", "Когда придёт посылка", Ru),
            ("password", "Забыли пароль от кабинета", Ru),
            ("invoice", "Нужен счёт для бухгалтерии", Ru),
            ("hours", "When are you open?", En),
            ("gift", "Gift cards and vouchers", En),
            ("repair", "Broken within the warranty", En),
        ];
        let mut articles = shop();
        articles.extend(topics.iter().map(|(id, title, language)| article(id, *language, title, &[])));
        let index = Index::build(&articles).expect("built");
        let best = |question: &str, language| {
            let found = search(&index, question, language);
            (found.hits.first().map(|hit| articles[hit.position].id.as_str().to_owned()), found.unknown_share)
        };
        assert_eq!(best("conect", En), (Some("wifi".into()), 1.0));
        assert_eq!(best("бугалтерии", Ru), (Some("invoice".into()), 1.0));
        assert_eq!(best("zebra", En), (None, 1.0));
        assert_eq!(best("wi", En).0, None);
        let alike = search(&index, "conect", En);
        assert!(alike.hits[0].score <= LIKENESS * alike.ceiling, "{alike:?}");
    }

    #[test]
    fn scores_have_a_scale() {
        let articles = shop();
        let index = Index::build(&articles).expect("built");
        let right = search(&index, "refund time", Language::En);
        assert!(right.hits[0].score > 0.5 * right.ceiling, "{right:?}");
        assert_eq!(right.unknown_share, 0.0);
        let half = search(&index, "refund zebra", Language::En);
        assert_eq!(half.unknown_share, 0.5);
        assert!(half.hits[0].score < 0.5 * half.ceiling, "{half:?}");
        let nothing = search(&index, "🙏", Language::En);
        assert_eq!((&*nothing.hits, nothing.ceiling, nothing.unknown_share), (&[][..], 0.0, 1.0));
        assert!(nothing.has_language);
        assert_eq!(index.coverage(&nothing, 0), 0.0);
        assert_eq!(index.search("refund", Language::En, 0).expect("searched").hits, []);
    }

    #[test]
    fn words_together_cover_more_than_words_apart() {
        use Language::{En, Ru, ZhHans, ZhHant};
        let with = |id: &str, language, title: &str, passages: &[&str]| {
            let passages = passages.iter().map(|passage| (*passage).to_owned()).collect();
            Arc::new(Article { passages, ..article(id, language, title, &[]).as_ref().clone() })
        };
        let articles = [
            with("together", En, "Accounts", &["The parcel came broken on Monday.", "Write to us."]),
            with("apart", En, "Accounts", &["A parcel is late.", "Broken glass.", "On Monday we rest."]),
            with("titled", En, "Parcel", &["Broken on Monday.", "Late."]),
            with("simplified", ZhHans, "帐户", &["包裹破损了"]),
            with("named", Ru, "Оплата через PayPal", &["Деньги приходят сразу."]),
        ];
        let index = Index::build(&articles).expect("built");
        let covered = |question: &str, language| {
            let found = search(&index, question, language);
            [0, 1, 2, 3, 4].map(|position| index.coverage(&found, position))
        };
        let broken = covered("Parcel broken Monday", En);
        assert!((broken[0] - 1.0).abs() < 1e-6 && (broken[2] - 1.0).abs() < 1e-6, "{broken:?}");
        assert!(broken[1] > 0.2 && broken[1] < 0.6, "{broken:?}");
        assert_eq!(broken[3..], [0.0, 0.0]);
        let half = covered("parcel zebra", En)[0];
        assert!(half > 0.0 && half < 0.5, "an unknown word is rare: {half}");
        assert!((covered("包裹破損了", ZhHant)[3] - 1.0).abs() < 1e-6);
        // Of a question in another language the names count, and all its words are asked for.
        let named = covered("does PayPal charge fees", En)[4];
        assert!(named > 0.0 && named < 0.5, "{named}");
        assert_eq!(covered("", En), [0.0; 5]);
    }

    #[test]
    fn an_empty_base_can_be_searched() {
        let index = Index::build(&[]).expect("built");
        assert_eq!(search(&index, "refund", Language::En).hits, []);
    }

    #[test]
    fn many_threads_search_one_index() {
        let articles = shop();
        let index = Index::build(&articles).expect("built");
        let alone = search(&index, "refund", Language::En);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(search(&index, "refund", Language::En), alone));
            }
        });
    }

    /// Each fifth of the phrases asks for its article while the other four stand in it.
    #[test]
    fn held_out_phrases_of_the_shipped_articles_are_found() {
        let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge_base");
        let base = super::super::load(&shipped, jiff::civil::date(2026, 1, 1), None).expect("it is shipped");
        for (language, floor) in
            [(Language::En, 0.74), (Language::ZhHans, 0.78), (Language::ZhHant, 0.74), (Language::Ru, 0.72)]
        {
            let (mut n_found, mut n_asked) = (0, 0);
            for fold in 0..5 {
                let held_out = |position: usize| position % 5 == fold;
                let articles: Vec<_> = base.articles.iter().filter(|article| article.language == language).collect();
                let known = articles.iter().map(|article| {
                    let phrases =
                        article.phrases.iter().enumerate().filter(|(i, _)| !held_out(*i)).map(|(_, p)| p.clone());
                    Arc::new(Article { phrases: phrases.collect(), ..article.as_ref().clone() })
                });
                let index = Index::build(&known.collect::<Vec<_>>()).expect("built");
                for (position, article) in articles.iter().enumerate() {
                    for (_, phrase) in article.phrases.iter().enumerate().filter(|(i, _)| held_out(*i)) {
                        let found = index.search(&words::normalise(phrase), language, 5).expect("searched");
                        n_asked += 1;
                        n_found += usize::from(found.hits.iter().any(|hit| hit.position == position));
                    }
                }
            }
            let recall_at_5 = f64::from(n_found as u32) / f64::from(n_asked as u32);
            println!("{language}: recall at 5 is {recall_at_5:.3} over {n_asked} phrases");
            assert!(recall_at_5 >= floor, "{language}: {recall_at_5:.3} of {n_asked}");
        }
    }
}
