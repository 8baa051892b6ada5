//! Texts as words: lower-case, without endings for the plural, operators kept.

/// Words that a question is read for; what comes later seldom changes what it asks.
const WORD_LIMIT: usize = 240;
/// Longest word that is looked at, in bytes.
const WORD_LIMIT_BYTES: usize = 32;

/// Adds the words of a text to a list.
///
/// Apostrophes vanish (`don't` is `dont`); operators count as words when they stand alone.
pub(super) fn add_words(text: &str, words: &mut Vec<String>) {
    let mut word = String::new();
    let mut symbol = String::new();
    let mut after_word = false;
    for character in text.chars().chain([' ']) {
        if words.len() >= WORD_LIMIT {
            return;
        }
        if character.is_alphanumeric() || character == '_' {
            symbol.clear();
            word.extend(character.to_lowercase());
            continue;
        }
        if matches!(character, '\'' | '’') && !word.is_empty() {
            continue;
        }
        if !word.is_empty() {
            after_word = is_operator(character);
            words.push(stem(&word));
            word.clear();
        }
        if is_operator(character) {
            symbol.push(character);
        } else {
            if !symbol.is_empty() && !after_word {
                words.push(std::mem::take(&mut symbol));
            }
            symbol.clear();
            after_word = false;
        }
    }
}

const fn is_operator(character: char) -> bool {
    matches!(character, '=' | '<' | '>' | '!' | '+' | '*' | '/' | '%')
}

/// A word without the ending of the plural.
pub(super) fn stem(word: &str) -> String {
    let end = (0..=WORD_LIMIT_BYTES.min(word.len())).rev().find(|at| word.is_char_boundary(*at));
    let word = &word[..end.unwrap_or(0)];
    if word.len() > 4 {
        if let Some(start) = word.strip_suffix("ies") {
            return format!("{start}y");
        }
        for ending in ["sses", "xes", "ches", "shes"] {
            if word.ends_with(ending) {
                return word[..word.len() - 2].to_owned();
            }
        }
    }
    let kept = ["ss", "us", "is", "__"].iter().any(|ending| word.ends_with(ending));
    match word.strip_suffix('s') {
        Some(start) if word.len() > 3 && !kept => start.to_owned(),
        Some(_) | None => word.to_owned(),
    }
}

/// Words that say nothing about a subject. A text of these alone is unclear, not off topic.
pub(super) const PLAIN: &str = "\
a about actually after again all almost already also always am an and another any anyone \
anything are arent as ask at away back bad basically be because been before begin being best \
better between big both but by call came can cannot cant change come could couldnt day did didnt \
different do doe doesnt doing done dont down each easy either else end enough even ever every \
everything example exactly far few find first for from gave get getting give go goe going gone \
good got great ha had happen happened happening hard have havent having he hello help her here \
hey hi him his hour how however i id if ill im in instead into is isnt it item ive just keep kind \
know last later learn learned learning least left less let like line little long look lot made \
make man many may maybe me mean might mine more most much must my myself name need never new \
next nice no none not nothing now number of off often ok okay old on once one only or other our \
out over own part people perhaps please point possible probably put question quite rather read \
ready really right said same say see seem she should show side simple simply since small so some \
someone something sometime soon sorry start still stop stuff such sure take tell than thank \
thanks that thats the their them then there these they thing think this those though through time \
to today together told too took top totally tried try trying turn two under understand until up \
us use used useful using usually very wa want wanted wasnt way we well went were werent what \
whatever when where wherever which white who whole whom whose why will wish with within without \
wont word work worked working would wouldnt write wrong year yeah yep yes yet you your yourself \
short shorter letter letters later house light night money month table water world people play large order other paper place plant power price quick river round score seat sense seven shape share sleep smile sound space speak spend stand state story study sugar sweet taste theme thick third throw tight touch tower track train truck trust truth uncle visit voice waste watch wheel woman young color colour black green brown bread paint glass strong triple clear confused lost stuck struggling understood idea sense \
answer solve solution explain describe teacher student class lesson homework assignment unit \
chapter task problem issue mistake step hmm huh idk uh um wait whats whys hows lets pls plz thx u";

/// Words that are one slip from a word of programming and yet no slip, sorted.
pub(super) const NO_SLIPS: &str = "\
addiction ahmad aided alice alter ample arise arising audition avery awhile backyard baked \
baking barge batch batter beach beast became betting binding bitter blink blogging booking \
border bother bound brain breeze brick bright brock bruce brunch bryce butter cable candle cater \
center chanting charge charged charging charter cheated chick chile chose chuck cider clash \
clearer clock colder coming competed consent contention cooking coping costing couch cover \
covert crack crate crush crushed crushing cunning curse curtain dairy danish daring deadline \
dearly decade defending dense deprived diner diving doping drain draining drive dying earned \
earning easter eight equality evacuate excerpt faculty falling famed fandom fasting feast \
feather fellow fever fight filed filing fined finnish fired flank flash flock flower focal \
foster freak freaking funding gaming gather grace grain grande grill ground guild guilt handing \
hanged hanging harper hasting hatch hater heading headline heater heather hiking hiring holder \
hollow honda hyped induce intent inter interval invent invented iphone joint junction jupiter \
kissing laker laser lasting lateral latter layer laying leader leaking leaning leasing leather \
leaving lending lense lester letting lever liberal liter litter living loading locking longing \
looking looting loser lover lower loyal lumber mailing march marching marking marty massage \
master mating mattered mclean messing miner mitch mixed mother mound mounted mounting mouth \
mystery nearly neatly newer niece noting older onion optical orange painted palace panty patch \
patent patty pause paved paying peace peach petty pierce pissing plank pleading plight pointed \
pointing poker pound powder praise praising prayer present preview prince projected prone \
protested purse raining rally ranch ransom reach reactor recognised reese refined refuse \
reminder render resign resort rested retail retaining revolution ridden riding rising rookie \
rotation router ruining sailing sample saving scare scared scoring seeded sensor setting settler \
sewer sexist shake shall shallow shaped shaved shaving shire shooter shore shower siding sight \
skill skull slack slater sliding slight slope smack smart smash smell snack snapping spanning \
spare spared spell spice spill splash sporting spring sprint spying stable staff stake stall \
stare stared staring starter stash staying steak stepped stick stiff sting stitch stoned storing \
strain strand stranger struck stuart suing sunset supper swell swore taking taller taped tapping \
tasting taught tended tense terror tested theyre thorough three tissue topped torch toxic trade \
trailer trance trash treated trick truce tryin twitch tying utter vague vince vocal waiter \
waiting waking wanting wasting watching waved waving weave whale winding winner witch wolve \
wording wound wright yearly yeast";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_plain_words() {
        let cases: [(&str, &[&str]); 8] = [
            ("What's a Variable?", &["what", "a", "variable"]),
            ("don't", &["dont"]),
            ("dictionaries and classes", &["dictionary", "and", "class"]),
            ("what does == mean", &["what", "doe", "==", "mean"]),
            ("try/except", &["try", "except"]),
            ("c++ or a%b", &["c", "or", "a", "b"]),
            ("__init__", &["__init__"]),
            ("is this \"//\" ok", &["is", "this", "//", "ok"]),
        ];
        for (text, expected) in cases {
            let mut words = Vec::new();
            add_words(text, &mut words);
            let stemmed: Vec<&str> =
                words.iter().map(|word| if word == "whats" { "what" } else { word }).collect();
            assert_eq!(stemmed, expected, "{text}");
        }
    }

    #[test]
    fn endless_text_is_cut() {
        let mut words = Vec::new();
        add_words(&"word ".repeat(10_000), &mut words);
        assert_eq!(words.len(), WORD_LIMIT);
        assert_eq!(stem(&"ä".repeat(100)).len(), WORD_LIMIT_BYTES);
    }
}
