"""Tells what a publisher says about itself from what it reports.

Two signs, either is enough: what a paragraph says (appeals for money, newsletter and cookie notices,
"read also", photo credits), and that the same paragraph stands in many articles of one source.
"""

import hashlib
import math

import regex

# What the words say, by kind. A quotation inside the news may contain any of these words, so each pattern
# needs the address to the reader, or stands at the start of a short line.
APPEAL = r"""
    \b(?:soutenez|aidez|rejoignez)(?:-|\ )(?:nous|notre|le\ journalisme|[\p{Lu}])
  | \bvotre\ (?:soutien|don|abonnement|aide)\b.{0,80}\b(?:journal|rédaction|média|information|indépendan)
  | \b(?:nous\ comptons|compter)\ sur\ votre\b
  | \bcomment\ pouvez-vous\ nous\ aider\b
  | \b(?:faites|faire)\ un\ don\b.{0,60}\b(?:nous|notre)\b
  | \bnous\ avons\ besoin\ de\ (?:votre|vous)\b
  | \b(?:est|sommes)\ un\ (?:média|journal|site|magazine)\b.{0,60}\bindépendant
  | \b(?:support|donate\ to|help\ fund|subscribe\ to)\ (?:us\b|our\b|independent\ journalism|the\ [\p{Lu}])
  | \b(?:rely|depend|count)\ on\ (?:your|readers?\ like\ you|you)\b
  | \byour\ (?:support|donation|contribution|subscription|gift)\b.{0,80}\b(?:us|our|journalism|newsroom|reporting)\b
  | \bplease\ (?:consider|make)\b.{0,40}\b(?:donat|contribut|subscrib|support)
  | \b(?:is|are)\ an?\ (?:independent|non-?profit|nonprofit)\b.{0,60}\b(?:newsroom|news\ (?:site|outlet|organi[sz]ation)|media)
  | \b(?:apoye|apóyanos|apóyenos|ayúdanos|ayúdenos|hazte\ soci[oa]|haga\ una\ donación)\b
  | \bsu\ (?:apoyo|donación|aporte)\b.{0,80}\b(?:periodismo|nos|nuestro)
  | \b(?:unterstützen\ sie|helfen\ sie)\ (?:uns|unsere?[nrs]?|den|die)\b
  | \bihre\ (?:spende|unterstützung)\b
  | \b(?:sostieni(?:ci)?|sostenete|aiutaci|dona\ ora|fai\ una\ donazione)\b
  | \bil\ (?:tuo|vostro)\ (?:sostegno|contributo)\b
  | \b(?:apoie|ajude-nos|faça\ uma\ doação|a\ sua\ doação|seu\ apoio)\b
"""
NOTICE = r"""
    \b(?:inscrivez-vous|abonnez-vous|recevez)\b.{0,80}\b(?:newsletter|lettre|infolettre|alertes?|abonné)
  | ^\W*(?:abonnez-vous|s['’]abonner|se\ connecter|s['’]inscrire|déjà\ abonné|contenu\ réservé|réservé\ aux\ abonnés)
  | \b(?:sign\ up|subscribe|register)\b.{0,60}\b(?:newsletter|inbox|email|updates|alerts)
  | ^\W*(?:sign\ up|subscribe|log\ in|already\ a\ subscriber)\b.{0,60}$
  | \b(?:suscríbase|suscríbete|regístrate)\b | \babonnieren\ sie\b | \bjetzt\ abonnieren\b
  | \biscriviti\b.{0,60}\bnewsletter | \b(?:assine|inscreva-se)\b.{0,60}\b(?:newsletter|boletim|jornal)
  | ^(?=.*\bcookies\b)(?=.*\b(?:nous|notre|nos|vous|vos|we|our|you|your|wir|sie|unsere?|ihre?|usted|sus|nuestr[oa]s?|noi|tuoi|
      nostri|nós|nossos|seus)\b)(?=.*\b(?:utilis|accept|refus|consent|paramétr|poursuiv|continu|use|settings|preferences|
      verwend|nutz|akzeptier|einwillig|zustimm|usa|utiliz|acept|accett|aceit))
  | ^\W*(?:accepter|accept|akzeptieren|aceptar|accetta|aceitar)\b.{0,30}\bcookies
  | \btous\ droits\ (?:de\ reproduction\b.{0,40})?réservés\b | \ball\ rights\ reserved\b
  | \btodos\ los\ derechos\ reservados\b | \balle\ rechte\ vorbehalten\b | \btutti\ i\ diritti\ riservati\b
  | \btodos\ os\ direitos\ reservados\b
  | ^\W*(?:mentions\ légales|politique\ de\ confidentialité|privacy\ policy|terms\ of\ (?:use|service)|datenschutz|
      impressum|aviso\ legal|(?:données|paramètres)\ (?:personnelles|cookies))\b.{0,80}$
  | ^\W*(?:suivez-nous|follow\ us|síguenos|síganos|folgen\ sie\ uns|seguici|siga-nos)\b
  | ^\W*(?:partager|share|compartir|teilen|condividi|compartilhar)\b.{0,40}\b(?:facebook|twitter|whatsapp|mail)
"""
SEE_ALSO = r"""
    ^\W*(?:(?:à\ )?(?:lire|voir|écouter)\ (?:aussi|également|la\ suite)|(?:lire|voir)\ (?:l['’]article|plus)
      |sur\ le\ même\ sujet|articles?\ (?:liés?|similaires?)|read\ (?:also|more|next)|see\ also|also\ read|related(?:\ (?:articles?|stories|topics|coverage))?
      |more\ on\ this|(?:lea|leer|lee|vea|ver)\ (?:también|más)|te\ puede\ interesar|lesen\ sie\ (?:auch|mehr)|mehr\ zum\ thema
      |siehe\ auch|leggi\ anche|vedi\ anche|leia\ (?:também|mais)|veja\ (?:também|mais))(?:\b|\s*[:»>])
"""
CREDIT = r"""
    ^\W*(?:crédits?\ ?(?:photos?|image|vidéo)|photos?\ ?(?:©|credits?|by|:)|(?:picture|image|photo)\ credit|foto(?:grafía)?s?\ ?:|bild(?:quelle|nachweis)?\ ?:
      |fotonachweis|(?:imagen|créditos?|crediti?)\ ?:|illustration\ ?[:©]|©)
"""
KINDS = {"appeal": APPEAL, "notice": NOTICE, "see also": SEE_ALSO, "credit": CREDIT}
PATTERNS = {
    kind: regex.compile(pattern.replace("\n      ", ""), regex.VERBOSE | regex.IGNORECASE)
    for kind, pattern in KINDS.items()
}
# "Read also" and credits head a line of their own; a paragraph of news that happens to begin so is longer.
LONGEST = {"see also": 300, "credit": 200}
LONGEST_OF_ALL = 10_000
QUOTATIONS = regex.compile(r"«[^»]*»|“[^”]*”|„[^“”]*[“”]|\"[^\"]*\"")


def kind_of_boilerplate(paragraph: str) -> str | None:
    """Which kind of boilerplate the paragraph is by what it says, or None where it is news.

    What stands inside quotation marks is somebody's speech, and is left out of account.
    """
    if len(paragraph) > LONGEST_OF_ALL:
        return None
    spoken = QUOTATIONS.sub(" ", paragraph)
    for kind, pattern in PATTERNS.items():
        if len(paragraph) <= LONGEST.get(kind, LONGEST_OF_ALL) and pattern.search(spoken):
            return kind
    return None


def fingerprint(paragraph: str) -> int:
    """A signed 64-bit number that is the same for paragraphs equal but for case and spaces."""
    digest = hashlib.blake2b(" ".join(paragraph.casefold().split()).encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def is_repeated(articles_with_it: int, articles_of_source: int) -> bool:
    """Whether a paragraph stands in too many articles of its source to be news.

    Running stories repeat their background: on 36,152 agency articles no such paragraph stood in more than
    25 of 8,212, and every one that stood in more than twice the square root was boilerplate.
    """
    return articles_with_it >= max(3.0, 2 * math.sqrt(articles_of_source))
