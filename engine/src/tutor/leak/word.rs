//! What a word stands for: Python's own words, the words that spell code out, and those that only
//! lead to an answer. Other languages' words for the same things become Python's.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a sentence does with what stands in it, as bits.
pub(super) type Cues = u16;
/// It says what the answer is.
pub(super) const ANSWER: Cues = 1;
/// It says what stands in a blank.
pub(super) const FILL: Cues = 2;
/// It says what is printed.
pub(super) const OUTPUT: Cues = 4;
/// It says what to write instead.
pub(super) const CHANGE: Cues = 8;
/// It leads directly to what follows.
pub(super) const LINK: Cues = 16;
/// It offers more than one.
pub(super) const EITHER: Cues = 32;
/// A colon follows it.
pub(super) const COLON: Cues = 128;
/// It tells to choose.
pub(super) const CHOOSE: Cues = 64;

/// What becomes of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A name that somebody chose.
    Name,
    /// A word of Python: it can't be renamed.
    Kept,
    /// The same after a dot, else a name.
    Method,
    /// It stands for a sign of its own, such as a colon.
    Nothing,
}

/// A word's meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// The hash of the word that it stands for.
    pub(super) id: u32,
    /// What becomes of it.
    pub(super) role: Role,
    /// Whether it may stand between the words of spelt-out code.
    pub(super) filler: bool,
    /// What it makes of its sentence.
    pub(super) cues: Cues,
}

/// Begins a hash (FNV-1a).
pub(super) const SEED: u32 = 0x811c_9dc5;

/// Adds a byte to a hash.
pub(super) const fn mix(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

/// The hash of a word.
pub(super) const fn id(word: &str) -> u32 {
    let bytes = word.as_bytes();
    let (mut hash, mut at) = (SEED, 0);
    while at < bytes.len() {
        hash = mix(hash, bytes[at].to_ascii_lowercase());
        at += 1;
    }
    hash
}

/// What a word of this hash stands for.
pub(super) fn look_up(hash: u32) -> Word {
    WORDS.get(&hash).copied().unwrap_or(Word { id: hash, role: Role::Name, filler: false, cues: 0 })
}

/// Python's words, and those of its modules that the course uses.
const PYTHON: &str = "and as assert async await break class continue def del elif else except false finally for \
    from global if import in is lambda none nonlocal not or pass raise return true try while \
    with yield match case self super print input int float str bool len range list dict set \
    tuple sorted reversed sum min max abs round open enumerate zip map filter type isinstance \
    issubclass format next exception valueerror typeerror keyerror indexerror \
    zerodivisionerror attributeerror nameerror lookuperror arithmeticerror filenotfounderror \
    property math sqrt ceil floor random json csv urlencode any all f r repr chr ord __init__ \
    __str__ __repr__ __name__";

/// Methods, and functions of modules: names, unless a dot stands before them.
const METHODS: &str = "append extend insert remove pop index count get keys values items add union intersection \
    difference discard copy clear upper lower strip split join replace startswith endswith \
    find title partition read write readline readlines close loads load dumps dump reader \
    writer writerow dictreader dictwriter isdigit isalpha randint sort setter";

/// Another word, and Python's.
const SYNONYMS: &str = "function=def fn=def func=def null=none nil=none undefined=none \
    throw=raise catch=except elseif=elif elsif=elif of=in this=self push=append log=print \
    println=print printf=print puts=print echo=print includes=in touppercase=upper \
    tolowercase=lower parseint=int parsefloat=float tostring=str string=str \
    trim=strip colon= comma= quote= \
    quotes= parenthesis= parentheses= paren= bracket= brackets= semicolon= newline= indented= \
    indent= unquote= apostrophe= plus=+ minus=- times=* modulo=% mod=% modulus=% gets== becomes== \
    equals== equal== dot=. zero=0 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 \
    ten=10 eleven=11 twelve=12 thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 \
    eighteen=18 nineteen=19 twenty=20 thirty=30 forty=40 fifty=50 sixty=60 seventy=70 eighty=80 \
    ninety=90 hundred=100";

/// Words that spelt-out code has between its own.
const FILLERS: &str = "the a an from to then is are be value variable we you it its called named \
    name open close opened closed keyword word text letter capital underscore line next write \
    type that which parameter argument parameters arguments new empty python here now just on \
    by method new my your our this please followed after and of each every do end begin let const var so";

/// Words and what they make of their sentence.
const CUES: [(Cues, &str); 7] = [
    (ANSWER, "answer answers solution correct antwort lösung réponse respuesta"),
    (FILL, "blank blanks gap gaps fill missing placeholder lücke underscores ____"),
    (
        OUTPUT,
        "print prints printed printing output outputs displays display shows show shown screen \
         console result answer answers see sees ausgabe gibt affiche imprime prediction",
    ),
    (CHANGE, "replace replaced change changed instead swap swapped answer solution fix"),
    (
        LINK,
        "is are be = : prints outputs answer with to then and as blank shows says prints write \
         put use insert type pick choose select option number letter it's its gives by ist est es",
    ),
    (EITHER, "or oder ou"),
    (CHOOSE, "choose pick select right answer correct solution go true take tick click option"),
];

static WORDS: LazyLock<HashMap<u32, Word>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    let mut put = |word: &str, meaning: &str, role: Role| {
        words.insert(id(word), Word { id: id(meaning), role, filler: false, cues: 0 });
    };
    for word in PYTHON.split_whitespace() {
        put(word, word, Role::Kept);
    }
    for word in METHODS.split_whitespace() {
        put(word, word, Role::Method);
    }
    for pair in SYNONYMS.split_whitespace() {
        match pair.split_once('=') {
            Some((word, "")) => put(word, "", Role::Nothing),
            Some((word, meaning)) if METHODS.split_whitespace().any(|method| method == meaning) => {
                put(word, meaning, Role::Method);
            }
            Some((word, meaning)) => put(word, meaning, Role::Kept),
            None => {}
        }
    }
    let plain = |word: &str| Word { id: id(word), role: Role::Name, filler: false, cues: 0 };
    for word in FILLERS.split_whitespace() {
        words.entry(id(word)).or_insert(plain(word)).filler = true;
    }
    for (cue, list) in CUES {
        for word in list.split_whitespace() {
            words.entry(id(word)).or_insert(plain(word)).cues |= cue;
        }
    }
    words
});
