//! Words and phrases that speak for a specialist, whatever the topic.
//!
//! One row a cue and weight; phrases are parted by `|`. They are read as questions are: without
//! apostrophes and endings, so `doesnt` stands for "doesn't".

/// What a phrase speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// Wants to understand.
    Concepts,
    /// Wants an opinion on code.
    Review,
    /// Something goes wrong.
    Debug,
    /// An error's name: a problem if it is one's own, a concept otherwise.
    ErrorName,
    /// Speaks of one's own program.
    Own,
    /// Wants practice.
    Exercise,
    /// Names practice.
    Practice,
    /// Wants something.
    Want,
    /// Asks about progress.
    Progress,
    /// Goes on with what was said before.
    FollowUp,
    /// Is confused, without saying by what.
    Confused,
    /// Greets or thanks.
    Social,
    /// Is about programming, but about no topic.
    Programming,
    /// Is about something else.
    OffTopic,
}

/// All cues with their weights.
pub(super) const TABLE: &[(Cue, u8, &str)] = &[
    (
        Cue::Concepts,
        5,
        "what is|what are|whats|what was|explain|explain to me|define|definition|meaning of|difference between|\
         differ|versus|vs|what does it mean|what doe it mean|tell me about|teach me|how doe|how do|how can i|how to|how would|\
         when should i|when do i|when do you|why do we|why doe python|why is it called|what happen when|understand|whats the point|\
         purpose of|learn about|describe|introduce|i want to know|wat is|wats|how come|same as|example of|show me how|\
         what doe|what do|used for|use for|good for|which one|should i use|do i need|is there a|can you show|how many|can i use|\
         is it possible|can a|when to use|why is|why are|why do|why can|why cant|why should|how is|how are",
    ),
    (
        Cue::Review,
        9,
        "review|code review|code look|code ok|code okay|code fine|look ok|look okay|look good|look fine|look right|my style|tip|tips on|suggestion|what would you change|what would you improve|would you write|do this better|elegant|good enough|any improvement|improvement|improving|best way|more pythonic|proper python|your opinion|what do you think|is this the right way|is my way|rename|better name|naming|readability|opinion|is this good|is my code good|is this code good|is this ok|is this okay|is it good code|improve|refactor|\
         pythonic|pep8|pep 8|pep|cleaner|clean up|clean this|clean code|better way to write|feedback|critique|optimise|optimize|\
         more efficient|make it shorter|make this shorter|make it better|make this better|make it faster|make this faster|\
         more readable|readable|what do you think of my|what do you think about my|rate my|look over|look at my code|\
         check my style|code style|good style|bad style|could this be better|could be better|can this be better|\
         written better|write this better|write it better|nicer|simplify|simplify this|shorten|tidy|do it better|good practice|\
         is my solution good|judge my|opinion on my|any suggestions for my|take a look at my|prettier|is this clean|too long",
    ),
    (
        Cue::Debug,
        7,
        "traceback|not working|doesnt work|dont work|does not work|doe not work|isnt working|is not working|wont work|wont run|doesnt run|\
         stopped working|not run|bug|buggy|fix|fix it|fix this|broken|crash|crashed|crashing|keep crashing|went wrong|goes wrong|goe wrong|\
         going wrong|what is wrong|whats wrong|wrong with my|wrong with this|gives me an error|give me an error|getting an error|\
         get an error|got an error|gets an error|throw an error|throws an error|error message|error in line|error on line|\
         error in my|says error|infinite loop|never stops|never stop|doesnt stop|wont stop|runs forever|run forever|stuck in a loop|hang|freeze|\
         wrong output|wrong result|wrong answer|nothing happens|nothing happen|nothing is printed|prints nothing|print nothing|\
         unexpected|doesnt print|out of range|doesnt do anything|fail|failing|debug|debug my|is not defined|not defined|invalid syntax|debug this|\
         too few|too many|too often|one time too|keep saying|keeps saying|get none|got none|give none|prints none|print none|weird error|strange error|there is an error|there an error|why do i get|why did i get|why am i getting|\
         but it print|but it say|but it give|but i get|skips|keeps asking|unexpected indent|expected an indented block",
    ),
    (
        Cue::Debug,
        5,
        "wrong|broken|weird|strange|is always|always 0|always print|always give|never run|never print|only run|run only|only print|only once|cant find|cannot find|cant open|error|exception occurred|problem with my|trouble with my|issue with my|why doe my|why is my|why doesnt|why isnt|why wont|why did my",
    ),
    (
        Cue::ErrorName,
        4,
        "nameerror|typeerror|valueerror|indexerror|keyerror|syntaxerror|indentationerror|taberror|attributeerror|\
         zerodivisionerror|importerror|modulenotfounderror|filenotfounderror|unboundlocalerror|recursionerror|eoferror|\
         overflowerror|permissionerror|runtimeerror|assertionerror|stopiteration|unicodedecodeerror|jsondecodeerror|\
         keyboardinterrupt|name error|type error|value error|index error|key error|syntax error|indentation error|\
         attribute error|zero division|import error|module not found|recursion error",
    ),
    (
        Cue::Own,
        3,
        "my code|my program|my script|my loop|my function|my list|my class|my if|my file|my dictionary|my variable|my solution|this code|this program|i wrote|i get|i got|i am getting|im getting|it say|it print|it give|my",
    ),
    (
        Cue::Exercise,
        10,
        "something harder|something easier|harder one|easier one|more difficult one|give me an exercise|another exercise|an exercise|some exercise|practice exercise|exercise on|exercise about|exercise for|\
         give me a problem|give me some problem|practice problem|practise problem|give me a task|another task|challenge|give me a challenge|\
         quiz me|test me|test my knowledge|practice|practise|something to solve|something to code|coding problem|coding task|coding exercise|\
         give me something to|can i try one|another problem|next exercise|harder exercise|easier exercise|new exercise|drill|\
         puzzle|a task about|homework exercise|train|a harder one|an easier one|one to solve|let me try one|assignment to do|want a task",
    ),
    (
        Cue::Practice,
        6,
        "exercise|quiz|task|practice|practise|practising|practicing|challenge|drill|assignment|training|mini project",
    ),
    (
        Cue::Want,
        4,
        "give|want|like|try|another|more|some|can i|can we|could i|could we|let me|let u|lets|may i|get a|get an|do a|do an|\
         need a|need an|need more|for me|ready for|one on|one about|start a|start an|make me|set me|show me a|got any|have any|have you got",
    ),
    (
        Cue::Progress,
        10,
        "mastered|should i work on|work on next|do next|i mastered|how am i doing|how i am doing|how im doing|did i improve|have i improved|do i improve|i improve|am i weak|i am weak|i weak|my mistake|mistakes do i make|\
         can i already|what do i already know|do i know already|ready for the next|whats next|what is next|come next|comes next|my point|my badge|so far|i made progress|made any progress|behind|on track|my overview|my learning|my work so far|how good at|how many topics have|my progress|progress|my score|my mastery|mastery|my level|my streak|streak|what should i learn next|\
         what should i do next|what next|what to learn next|what should i study|what should i practise|am i improving|am i getting better|\
         am i good|my weak|weak spot|weak point|weak area|weakest|my strength|how good am i|what have i learned|how far am i|how far have i|\
         my statistic|my result|points do i have|which topic should i|my grade|what am i bad at|what am i good at|\
         where do i stand|how much have i|recommend me|my stat|what level am i|how well am i|am i ready|next topic|what do i need to review|my review",
    ),
    (
        Cue::FollowUp,
        6,
        "again|explain that again|once more|and why|but why|why|why not|another example|one more example|more example|an example|give me an example|example please|for example|simpler|\
         easier|in simple word|in other word|go on|continue|tell me more|more detail|more about|what do you mean|what doe that mean|how so|really|and then|then what|\
         what about|how about|i still dont|still not|still dont|dont get it|i dont understand|do not understand|i dont get|same thing|that part|last part|the last one|slower|shorter|\
         can you repeat|repeat|say that|elaborate|and if|what if|so what|is that all|show me one|show me|like what|such as|not clear|didnt understand|didnt get|and now|ok and|a hint|hint",
    ),
    (
        Cue::Confused,
        4,
        "help|help me|im stuck|i am stuck|stuck|im lost|confused|i need help|can you help|no idea|dont know|i dont get it|i dont understand|idk|im confused",
    ),
    (
        Cue::Social,
        4,
        "hello|hi|hey|good morning|good evening|thanks|thank you|thx|bye|ok|okay|cool|great|yes|no|nice|good afternoon|who are you|what can you do|what are you",
    ),
    (
        Cue::Programming,
        5,
        "python|program|programming|programmer|code|coding|coder|compiler|algorithm|syntax|computer|javascript|java|html|css|sql|\
         database|git|github|terminal|command line|ide|vscode|vs code|pycharm|idle|interpreter|software|byte|binary|developer|comment|indentation|indent|\
         script|run a program|shell|jupyter|notebook|data structure|big o|complexity|linux|app|website|hello world|machine learning|pygame|turtle|numpy|panda|repl|variable name|keyboard shortcut",
    ),
    (
        Cue::OffTopic,
        9,
        "weather|what time is it|eat|drink|taylor|black hole|star war|flight|ticket to|hotel|travel|phone|game of throne|follower|make money|get rich|meaning of life|president|king|queen|war|olympic|sport|marathon|train ticket|mount|river|country|ocean|animal|space|universe|history|english|math homework|physics|music|concert|singer|actor|band|tv|anime|manga|roblox|playstation|xbox|homework for|school bus|my mom|my dad|my friend|my brother|my sister|football|soccer|basketball|movie|film|song|sing|pizza|recipe|cook|girlfriend|boyfriend|capital of|president|\
         history essay|essay|poem|story|joke|tell me a joke|lottery|horoscope|dating|minecraft mod|fortnite|tiktok|instagram|celebrity|\
         world war|dinosaur|planet|moon|biology|chemistry|photosynthesis|geography|translate|spanish|french|german|favourite color|favorite color|favourite|favorite|\
         dream|religion|god|politics|election|bitcoin|stock|shoes|clothes|dog|cat|birthday|christmas|vacation|holiday|breakfast|lunch|dinner|diet|\
         how old are you|are you human|do you love|love me|where do you live|medicine|doctor|headache|roman|shakespeare|guitar|piano|youtube|netflix|hack into|password of",
    ),
    (
        Cue::OffTopic,
        5,
        "animal|bird|horse|fish|rabbit|hamster|snake|lion|tiger|spider|insect|bee|butterfly|elephant|\
         penguin|pet|puppy|kitten|cow|pig|sheep|chicken|mouse cage|flower|tree|garden|forest|food|\
         bread|cheese|egg|milk|sugar|salt|potato|tomato|banana|fruit|vegetable|meat|rice|noodle|soup|\
         cake|cookie|chocolate|coffee|tea|beer|wine|burger|restaurant|kitchen|fridge|oven|hungry|\
         thirsty|calory|body|stomach|tummy|liver|kidney|heart|lung|brain|blood|bone|muscle|skin|hair|\
         haircut|tooth|teeth|eye|ear|nose|leg|arm|knee|foot|back pain|pain|sick|ill|cold|fever|flu|\
         virus|vaccine|pill|ibuprofen|hospital|surgery|pregnant|workout|gym|yoga|sleep|tired|mom|mum|\
         dad|father|mother|parent divorced|aunt|uncle|grandma|grandpa|cousin|baby|wife|husband|marry|\
         married|wedding|divorce|divorced|crush on|kiss|love|in love|lonely|sad|angry|happy|bully|\
         bullied|funeral|died|death|house|apartment|rent|landlord|furniture|sofa|bed|toilet|sink|\
         window cleaner|lamp|door|roof|paint the|washing machine|printer|headphone|camera|laptop|\
         wifi|iphone|samsung|battery|car|bike|bicycle|motorbike|bus|train|plane|airport|ship|driving|\
         driver|traffic|road|highway|garage|tyre|fuel|city|town|village|beach|lake|sea|island|park|\
         museum|zoo|cinema|theatre|church|castle|bridge|mountain|europe|asia|africa|america|germany|\
         italy|spain|france|england|china|india|japan|russia|london|paris|berlin|rome|vienna|tokyo|\
         tennis|golf|hockey|volleyball|swim|swimming|running shoe|ski|chess|poker|world cup|champion|\
         league|goal keeper|referee|trophy|book about|novel|author|singer|musician|violin|drum|\
         lyrics|album|painting|artist|dance|dancing|netflix|series|episode|marvel|disney|\
         harry potter|pokemon|zelda|fifa|gta|nintendo|gaming|skin|money|bank|salary|tax|loan|invest|\
         investment|gold|dollar|euro|price of|cheap|shop|shopping|amazon|order me|present for|gift|\
         law|lawyer|police|crime|prison|illegal|vote|minister|government|democracy|revolution|empire|\
         emperor|century|napoleon|hitler|caesar|medieval|energy|electricity|gravity|atom|molecule|\
         cell|evolution|volcano|earthquake|climate|rain|snow|sun|star|mars|galaxy|rocket|alien|ufo|\
         temperature|boiling|party|dress|shirt|jacket|hat|makeup|nail|fashion|perfume|halloween|\
         easter|valentine|zodiac|tarot|ghost|magic|witch|vampire|riddle|haiku|rhyme|grammar|spelling|\
         vocabulary|latin|italian|chinese|portuguese",
    ),
    (
        Cue::Review,
        3,
        "assess|judge|evaluate|quality|ugly|messy|clumsy|elegant|redundant|unnecessary|necessary|\
         needed|overkill|verbose|compact|less line|fewer line|one liner|do differently|\
         another way|professional|a pro|senior|pull request|hand in|hand this in|work fine|\
         it work|output is correct|output is right|run correctly|work but|convention|\
         best practice|bad habit|refactoring|polish|beautiful|criticise|comment on|remark|\
         thought|advice|smarter|right way|good way|better way|rather|would you use|should this|\
         style|clean|pretty|efficient|performance|optimal|alternative|is that good|finished|\
         naming|name ok|my solution|readability|understandable|complicated|bad style|is right|\
         right result|right thing|correct result",
    ),
    (
        Cue::Exercise,
        3,
        "project|worksheet|matching game|guess|let me|do some of|trick question|test question|\
         exam question|question about|mock exam|flashcard|multiple choice|hands on|ask me|\
         make me|try it myself|myself|try something|program to write|to solve|to write|to build|\
         to program|prepare me|for my exam|put me|set me|think up|make up|create|generate|\
         come up with|problem about|problem for|problem on|fill in|broken code|buggy code|\
         as a game|solution|hint|my answer|the task|the exercise|i give up|next question|\
         idea for|tasks with|homework question|something easy|something harder|something with",
    ),
    (
        Cue::Progress,
        3,
        "lesson|chapter|module|course|standing|knowledge|gap|strength|weakness|beginner|\
         intermediate|advanced|due|overdue|learned so far|percent|how far|how much|report|result|\
         overview|summary of my|left to do|remaining|finish|finished|completed|pass the|\
         did i pass|behind|ahead|compare|compared to|better than|faster than|slower than|\
         wasting my time|recommend|tonight|next step|left off|did i stop|i stopped|repeat|revise|\
         review due|my review|skip|point|badge|rank|average|statistic|dashboard|goal|plan|\
         schedule|ready for|am i|did i|do i know|i know enough|know enough|good at|bad at|\
         well do i|good am i|comes after|come after|week|month|yesterday",
    ),
    (
        Cue::Debug,
        3,
        "expected|should be|should have|instead of|not what|i expect|at the end|although|\
         even though|still|suddenly|missing|disappear|gone|empty|lost|garbage|red|angry|complain|\
         refuse|no longer|anymore|not supported|has no attribute|argument but|must be|\
         not subscriptable|not iterable|not callable|keyword argument|not properly|\
         outside function|outside loop|is ignored|ignored|not found|denied|cannot|cant|too early|\
         too late|too small|too big|twice|two times|different result|shows|it show|it tell|\
         tells me|i changed|i did|everything right|mistake|where is the|find the mistake|\
         find the error|what did i do|doing wrong|happens when i|yesterday it|worked yesterday|\
         used to work|only the last|only the first|every time",
    ),
    (
        Cue::Concepts,
        3,
        "mean|meaning|why|difference|understand|what for|normal|in general|generally|theory|\
         stand for|stands for|called|supposed to|point of|the idea|concept|word|works|\
         how it work|when do|when would|which|real life|in easy word|simple word|for example|\
         what happen|is it allowed|allowed|can i|can you|is there|exactly|step by step|\
         line by line|makes no sense|confuse|dont see|mix up|explanation|describe|overview of|\
         what kind|what type",
    ),
    (
        Cue::Programming,
        3,
        "calculator|password|highscore|player|game|tic tac toe|hangman|guessing game|chatbot|bot|\
         discord|raspberry|arduino|ai|chatgpt|data science|regex|generator|decorator|iterator|\
         type hint|asyncio|thread|memory|ram|cpu|bit|hex|ascii|unicode|emoji|editor|extension|\
         console|cmd|powershell|commit|clone|unit test|pytest|pseudocode|pseudo code|flowchart|\
         source code|machine code|bytecode|open source|framework|django|flask|tkinter|gui|button|\
         plot|matplotlib|dataframe|sum|len|max|min|map|filter|zip|colon|comma|bracket|\
         parenthesis|parenthese|quote|quotation|semicolon|hashtag|underscore|slash|backslash|\
         operator|sign|symbol|keyword|built in|builtin|line|value|number|letter|word|text|name|\
         equal|statement|expression|block|body|call|calling|execute|run|running|runtime|version|\
         install|folder|path|enter|type in|typed|input|output|user|screen|loop|list|data|digit|\
         random|sorted|count|counter|total|average|even|odd|prime|celsius|temperature converter|\
         sentence|character|whitespace|space|tab|true|false|null|none|empty|object|oop|server|\
         browser|url|web page|html page|hacker|encrypt|password check|crash|compile|syntaxerror|\
         warning|bug|debugger|clean code|pull request|refactor|camelcase|snake case|docstring",
    ),
];
