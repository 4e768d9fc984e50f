"""The words by which questions lean on the one before, language by language.

Patterns are of the `regex` module. They meet text in small letters and without accents, letter for letter as long as
the original.
"""

from dataclasses import dataclass
from functools import cache

import regex

from index.words import FUNCTION_WORDS

NEVER = r"(?!)"


@dataclass(frozen=True, slots=True)
class Speech:
    """How a language asks, and how it points back."""

    asking: str  # a question word with what belongs to it: "since when", "combien de temps"
    counting: str  # of those, what a noun follows that the question is about: "how many"
    person: str  # of those, what a person may answer
    leading: str  # "and", before anything
    fragment: str  # "what about", before what the last question is to be asked of
    more: str  # asks for nothing but more
    filler: str  # may stand around a bare question word: "exactly", "c'est"
    subject: str  # pronouns, as subjects
    object: str  # pronouns that the subject of the same clause cannot be
    possessive: str
    of_person: str  # of all these, what speaks of a person
    back: str  # points back wherever it stands: "this", "là-bas"
    expletive: str  # a pronoun or "that" that means nothing
    now: str  # after a demonstrative, speaks of today: "this week"
    place: str  # prepositions that a fragment may begin with
    determiners: frozenset[str]
    links: frozenset[str]  # join two noun phrases
    auxiliaries: frozenset[str]  # a verb comes after them
    be: frozenset[str]
    passive: str  # a verb form after "be" that asks for something that has happened
    verbal: str  # a form that is a verb even after a preposition
    verb_last: bool  # whether the verb stands after the subject
    subject_last: bool  # whether the subject may stand after all else
    capital_nouns: bool
    others: frozenset[str]  # further words without content

    @property
    def empty(self) -> frozenset[str]:
        """Every word without content."""
        return self.others | self.determiners | self.links | self.auxiliaries | self.be


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as a line."""
    return frozenset(text.split())


ENGLISH = Speech(
    asking=r"""(?:(?:in|at|on|for|from|to|by|with|since|until|of|about|under|near|against)\s+)?
        (?:how\s+(?:many\s+times|many|much|long|old|far|often|soon|big|tall|high|fast|large|deep|late|early)
        |what\s+(?:time|else|year|day|date)|(?:who|where|when|why|how)\s+(?:else|come|not)
        |what|which|whose|whom|who|where|when|why|how)""",
    counting=r"(?:.*\s)?how\s+(?:many|much)",
    person=r"who|whom|whose|which|what|to whom|by whom|with whom",
    leading=r"(?:and|but|so|or|then|also|ok(?:ay)?)\b[\s,:]*",
    fragment=r"(?:(?:and\s+|but\s+|so\s+)?(?:what|how)\s+about|and|but)\s+",
    more=r"(?:can\s+you\s+|please\s+)?tell\s+me\s+more|more(?:\s+details)?|anything\s+else|go\s+on",
    filler=r"exactly|precisely|then|again|please|though|so|now|ever|is|was|were",
    subject=r"he|she|it|they",
    object=r"him|them|it",
    possessive=r"his|her|hers|its|their|theirs",
    of_person=r"he|she|him|her|his|hers",
    back=r"""(?:this|these|those|both\s+of\s+them|the\s+(?:latter|former)(?=$))|that(?=$)|there(?=$)
        |(?:(?<=^)|(?<=\b(?:about|of|for|in|with|after|before|during|from|by|to|on|at|is|was|were|are|did|does|will
        |would|has|had|like|why|how|when|where)\s))that""",
    expletive=r"""(?:is|was|will|would|be|isn['’]t|has)\s+it\s+(?:be\s+|been\s+)?(?:\p{L}+\s+){0,3}?
        (?:that|to|for|like|worth|going\s+to|possible|true|how|whether|when|if)\b|what\s+time\s+is\s+it|what(?:['’]s|\s+is)\s+it\s+like
        |(?:does|did|will|would)\s+it\s+(?:take(?!\s+place)|cost|rain|snow|matter|make\s+sense|mean)\b(?=\s+\S)
        |it['’]s\b|how\s+many\b.*\bthere$|it\s+(?:takes|took(?!\s+place)|rains?|snows?|seems?|is|was)\b|is\s+it\s+(?:raining|snowing|\p{L}*\s+in\b)
        |(?:those|these)\s+(?:who|that|which)|that\s+(?:is|are|was|were|will|can|has|have|had)\b
        |this\s+is|is\s+it\s+(?:because|still)|how\s+far\s+is\s+it|there\s+(?:is|are|was|were|will)""",
    now=r"""week|weekend|year|month|day|morning|evening|afternoon|night|time|season|summer|winter|autumn|fall|spring
        |century|decade|moment|monday|tuesday|wednesday|thursday|friday|saturday|sunday|world""",
    place=r"in|at|for|with|since|before|after|from|on|during|under|against|without",
    determiners=words("the a an this these those my your his her its their our each every some any no"),
    links=words("of in on at for with between and to from against the a an by into over during"),
    auxiliaries=words("do does did has have had will would can could shall should may might must going"),
    be=words("is are was were be been being 's"),
    passive=r"\p{L}{3,}ed|killed|hurt|shot|hit|found|won|born|held",
    verbal=r"\p{L}+ing",
    verb_last=True,
    subject_last=False,
    capital_nouns=False,
    others=FUNCTION_WORDS["en"]
    | words(
        """on up out off off under after before since until without will just also please exactly then still ever now
        today yet already only tell us more else many old long often soon far take took taken place happen happened
        happens won't don't didn't doesn't isn't wasn't it's that's what's who's there's go goes went gone"""
    ),
)

FRENCH = Speech(
    asking=r"""(?:(?:en|a|au|dans|de|depuis|pour|par|avec|chez|sur|sous|vers|contre|pendant|apres|avant|devant|pres\s+de)
        \s+|jusqu['’](?:a\s+)?|d['’])?
        (?:combien\s+de\s+(?:temps|fois)|combien\s+(?:de\b|d['’])|qu['’]est-ce\s+qu(?:[ei]\b|['’])
        |(?:quel(?:le)?s?|lequel|laquelle|lesquel(?:le)?s|qui|quoi|ou|quand|comment|combien|pourquoi|que|auquel|duquel)\b
        (?:\s+(?:d['’]autres?|est-ce\s+qu(?:[ei]\b|['’])))?|qu['’])""",
    counting=r"(?:.*\s)?combien\s+(?:de|d['’])",
    person=r"(?:a\s+|de\s+|avec\s+|par\s+|pour\s+|contre\s+)?(?:qui|quel(?:le)?s?|lequel|laquelle)",
    leading=r"(?:et|mais|alors|donc|puis|ok|sinon|du\s+coup)\b[\s,:]*",
    fragment=r"""(?:(?:et\s+|mais\s+)?(?:(?:qu['’]en\s+(?:est|etait)[ -]il|quid)\s+(?:de\s|du\s|des\s|d['’]))
        |et\s|mais\s)""",
    more=r"(?:en\s+savoir|dis-m['’]en|dites-m['’]en)\s+plus|plus\s+de\s+details?|(?:et\s+)?ensuite|quoi\s+d['’]autre",
    filler=r"exactement|precisement|alors|donc|au\s+juste|c['’]est|c['’]etait|ca|cela|deja|s['’]il\s+(?:te|vous)\s+plait",
    subject=r"il|elle|ils|elles",
    object=r"lui|eux|l['’](?=(?:a|ont|avait|aura|as)\b)|y(?!\s+(?:a|avait|aura|aurait|eut|en)\b)",
    possessive=r"son|sa|ses|leur|leurs",
    of_person=r"il|elle|lui|son|sa|ses|l['’]",
    back=r"""(?<!-)ce(?!\s+(?:qu|dont|sont|n['’]|que|qui)\b)(?=\s+\p{L}{2,})|cet|cette|ces|celui-(?:ci|la)|celle-(?:ci|la)
        |ceux-(?:ci|la)|celles-(?:ci|la)|cela|ca|la-bas|qu['’]en(?=\s+(?:pens|di|fai))|ces\s+derniers""",
    expletive=r"""(?:s['’])?il\s+(?:n['’])?(?:y\s+(?:a|avait|aura|aurait|eut)|faut|fallait|faudra\p{L}*|s['’]agi\p{L}*
        |reste\p{L}*|exist\p{L}+|suffi\p{L}+|vaut|se\s+pass\p{L}+|pleut|neige
        |est\s+(?:\p{L}+\s+)?(?:temps|vrai|possible|interdit|permis|normal|necessaire|obligatoire|prevu|question|difficile|facile|probable|arrive))
        |\by\s+(?:a|avait|aura|aurait|eut)(?:[- ]t)?[- ]il
        |(?:reste|existe|suffit|semble)(?:[- ]t)?[- ]il(?=\s+\S)
        |(?:faut|fallait|faudrait|faudra|agit|vaut|pleut|neige|pleuvra|neigera|parait|se\s+passe|passait|passera
        |que\s+s['’](?:est|etait)|en\s+est|en\s+etait|arrive)(?:[- ]t)?[- ]il
        |(?:^|temps\s+)(?:fait|fera|faisait)(?:[- ]t)?[- ]il|heures?\s+est[- ]il
        |(?:est|etait|sera|serait)[- ]il\s+(?:\p{L}+\s+)?(?:vrai|possible|interdit|permis|normal|necessaire|obligatoire
        |prevu|question|difficile|facile|probable|utile|risque|dangereux|legal|illegal|temps|exact|autorise)
        |(?:c['’]est|est-ce)\s+(?:\p{L}+\s+)?(?:ca|cela)|s['’]il\s+(?:te|vous)\s+plait""",
    now=r"""matin|soir|jour|mois|week-end|semaine|annee|nuit|apres-midi|an|ete|hiver|printemps|automne|moment|saison
        |siecle|fois|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|jours-ci|temps|derniers?\s+jours""",
    place=r"en|a|au|aux|dans|chez|pour|depuis|avec|avant|apres|sur|pendant|contre|sans",
    determiners=words("le la les l un une des du au aux ce cet cette ces son sa ses leur leurs mon ma mes notre votre"),
    links=words("de du des d le la les l a au aux en et entre sur contre pour dans avec sans un une par chez"),
    auxiliaries=words(
        """a ont ai avait avaient aura auront aurait va vont allait doit doivent peut peuvent veut veulent se s ne n
        ete t"""
    ),
    be=words("est sont etait etaient sera seront fut furent ete"),
    passive=r"(?<=ete\s)\p{L}+",
    verbal=r"\p{L}+(?:er|ir|re)",
    verb_last=False,
    subject_last=False,
    capital_nouns=False,
    others=FUNCTION_WORDS["fr"]
    | words(
        """temps fois tenir lieu avoir eu fait faire dit passe aussi alors donc exactement deja encore plus moins tres
        bien apres avant jusqu son ai or qui c il y tient tiendra passe arrive"""
    ),
)

SPANISH = Speech(
    asking=r"""(?:(?:a|en|de|desde|hasta|por|para|con|sobre|contra|entre)\s+)?
        (?:cuanto\s+tiempo|cuantas\s+veces|que|quien(?:es)?|cual(?:es)?|a?donde|cuando|como|cuant[oa]s?)\b""",
    counting=r"(?:.*\s)?cuant[oa]s",
    person=r"(?:a\s+|de\s+|con\s+|por\s+|para\s+|contra\s+)?(?:quien(?:es)?|que|cual(?:es)?)",
    leading=r"(?:y|e|pero|entonces)\b[\s,:]*",
    fragment=r"(?:y|e|pero)\s+(?:que\s+hay\s+de(?:l)?\s+)?|que\s+hay\s+del?\s+",
    more=r"(?:dime|cuentame)\s+mas|mas\s+detalles|algo\s+mas|que\s+mas",
    filler=r"exactamente|entonces|es|fue|era|por\s+favor",
    subject=r"él|ella|ellos|ellas",
    object=r"ello",
    possessive=r"su|sus",
    of_person=r"él|ella|su|sus",
    back=r"(?:est[aeo]|est[ao]s|es[aeo]|es[ao]s|aquel(?:l[ao]s?)?)(?=\s+\p{L}{3,})|esto|eso|aquello|alli|alla",
    expletive=r"""(?:donde|como|cuando|quien|que|cual|dónde|cómo|cuándo|quién|qué|cuál)\s+est[aá]
        |est[aá]s?\s+(?:el|la|los|las|un|una|en|a|muy|\p{L}+[aei]d[oa]s?|\p{L}+ndo)\b|está|están|estás|es\s+que|por\s+eso""",
    now=r"semana|ano|año|mes|dia|día|noche|manana|mañana|tarde|vez|momento|verano|invierno|temporada|siglo|fin",
    place=r"en|a|para|con|desde|antes|despues|sobre|durante|contra|sin",
    determiners=words("el la los las un una unos unas al del este esta estos estas ese esa esos esas su sus mi"),
    links=words("de del la el los las a al en y e entre con contra por para sobre un una sin"),
    auxiliaries=words("ha han habia haya va van se puede pueden debe deben fue"),
    be=words("es son era eran esta estan fue fueron sera seran"),
    passive=r"\p{L}{3,}[ai]d[oa]s?",
    verbal=r"\p{L}+[aei]r",
    verb_last=False,
    subject_last=True,
    capital_nouns=False,
    others=FUNCTION_WORDS["es"]
    | words("tiempo veces lugar tener hacer tambien entonces ya aun todavia lo le les me no si hay quien celebrara"),
)

GERMAN = Speech(
    asking=r"""(?:(?:in|an|auf|mit|von|seit|bis|fur|gegen|uber|aus|nach|bei|um|zu|unter)\s+)?
        (?:wie\s*(?:viele?|lange|oft|alt|gro(?:ß|ss)|hoch|weit|schnell|teuer|spat)|wer|wen|wem|wessen|was|welche[mnrs]?
        |wo(?:hin|her|mit|fur|bei|durch|von|r(?:uber|um|an|in|auf))?|wann|warum|wieso|weshalb|wie)\b""",
    counting=r"(?:.*\s)?wie\s*viele?",
    person=r"(?:mit\s+|von\s+|fur\s+|gegen\s+)?(?:wer|wen|wem|wessen|welche[mnrs]?)",
    leading=r"(?:und|aber|also|oder|dann)\b[\s,:]*",
    fragment=r"(?:und|aber)\s+(?:was\s+ist\s+mit\s+|wie\s+ist\s+es\s+mit\s+)?|wie\s+ist\s+es\s+mit\s+",
    more=r"mehr\s+(?:dazu|daruber|details)|(?:sag|erzahl)\s+mir\s+mehr|was\s+noch|und\s+weiter",
    filler=r"genau|denn|eigentlich|dann|bitte|ist|war|das",
    subject=r"er|sie|es",
    object=r"ihn|ihm|ihnen",
    possessive=r"(?:sein|ihr)(?:e[nmrs]?)?",
    of_person=r"er|sie|ihn|ihm|(?:sein|ihr)(?:e[nmrs]?)?",
    back=r"""dies(?:e[nmrs]?)?|jene[nmrs]?|dort|das(?=$)|(?<=^(?:\p{L}+\s+){1,3})das(?=$)
        |da(?:zu|mit|gegen|ruber|von|bei|ran|fur|nach|vor|durch|raus|rauf)""",
    expletive=r"""(?:gibt|gab)\s+es|dass\s+es|(?:geht|ging|kommt|kam|handelt|regnet|schneit|stimmt|hei(?:ß|ss)t|dauert|lohnt|braucht)\s+es
        (?=\s+\S)|es\s+(?:gibt|gab|geht|ging|hei(?:ß|ss)t|regnet|handelt|kommt|kam|stimmt)|(?:regnet|schneit)\s+es
        |wie\s+spat\s+ist\s+es|(?:ist|war|ware)\s+es\s+(?:\p{L}+\s+)?(?:wahr|moglich|erlaubt|verboten|richtig|notig|normal
        |schwer|leicht|sinnvoll)|worum\s+(?:geht|ging)\s+es|nach\s+dem|dass|davor|dabei\s+ist""",
    now=r"woche|jahr(?:es|hundert)?|monat|tag|tage|morgen|abend|nacht|wochenende|saison|sommer|winter|mal",
    place=r"in|im|an|am|auf|mit|seit|fur|bei|nach|vor|aus|gegen|ohne|wahrend",
    determiners=words(
        """der die das den dem des ein eine einem einen einer eines diese dieser dieses diesem diesen im am zum zur vom
        beim sein seine seinem seinen seiner ihr ihre ihrem ihren ihrer"""
    ),
    links=words("von vom des der die das den dem in im am an zum zur und zwischen mit gegen fur auf uber bei ein eine"),
    auxiliaries=words("hat haben hatte hatten wird werden wurde wurden soll sollen will kann konnen muss darf sich"),
    be=words("ist sind war waren sei sein"),
    passive=r"ge\p{L}+(?:t|en)|passiert|verletzt|verhaftet",
    verbal=NEVER,
    verb_last=True,
    subject_last=False,
    capital_nouns=True,
    others=FUNCTION_WORDS["de"]
    | words(
        "war bin fur uber genau denn eigentlich schon lange viel viele oft statt stattfinden findet fand bitte mal"
    ),
)

MONTHS = words(
    """january february march april may june july august september october november december
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    januar februar marz april mai juni juli august september oktober november dezember"""
)
PREPOSED = words("im am zum zur vom beim")  # German articles with a preposition in them
OF_MONTH = words("of de del")  # "3 de mayo de 2025"

SPEECHES = {"en": ENGLISH, "fr": FRENCH, "es": SPANISH, "de": GERMAN}


@cache
def compiled(pattern: str) -> "regex.Pattern[str]":
    """The pattern; compiled once, as this file spells it over several lines."""
    return regex.compile(pattern, regex.VERBOSE)
