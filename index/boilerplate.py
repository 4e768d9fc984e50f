"""Tells what a publisher says about itself from what it reports.

Two signs, either is enough: what a paragraph says (appeals for money, newsletter and cookie notices,
"read also", photo credits), and that the same paragraph stands in many articles of one source.
"""

import hashlib
import math
import unicodedata

import regex

# What the words say, by kind. A news sentence may hold any of these words, so each pattern needs the address
# to the reader, or stands at the start of a short line. `(?-i:…)` is where case tells (German "Sie", names).
STARTS = {
    "appeal": r"""
    (?!.*\b(?:[mb]illions?|milliards?|mil\ millones)\b)(?:soutenez|aidez|support|donate\ to|subscribe\ to|unterstützen\ Sie|sostieni|apoie)\ (?:the\ |die\ |den\ |das\ )?(?-i:\p{Lu}).{1,80}
      (?:[€$£]|\b(?:euros?|par\ mois|a\ month|today|aujourd['’]hui|dons?\b|donat|donazione|doaç|spende|abonn|becom|member|membre|journalis))
""",
    "notice": r"""
    abonnez-vous\b | déjà\ abonné | contenu\ réservé | réservé\ aux\ abonnés
  | (?:s['’]abonner|se\ connecter|s['’]inscrire|je\ m['’]abonne|réagir|publicité|liens\ commerciaux)\W*$
  | (?:retrouvez|téléchargez|découvrez)\b(?!\ (?:qui|ce\ que|comment|pourquoi|où|combien)\b).{0,80}\b(?:notre|nos)\b
  | vos\ (?:réactions|commentaires)\b.{0,60}\b(?:CGU|charte|conditions)\b
  | (?:sign\ up|subscribe|log\ in|already\ a\ subscriber)\b.{0,60}$ | download\ (?:our|the)\ .{0,30}\bapp\b
  | (?:accepter|refuser|gérer|paramétrer|accept|reject|manage|akzeptieren|verwalten|aceptar|gestionar|accetta|gestisci|aceitar|gerir)\b.{0,30}\bcookies?\b.{0,30}$
  | (?:mentions\ légales|politique\ de\ confidentialité|conditions\ générales\ d['’]utilisation|privacy\ policy|terms\ of\ (?:use|service)
      |impressum|aviso\ legal|política\ de\ privaci|note\ legali|informativa\ sulla\ privacy|paramètres\ (?:des\ )?cookies)
      (?!.*\b(?:will|has|have|is|are|was|were|changes?|va|vont|est|sont|ont|wird|werden|será|sarà)\b).{0,80}$
  | (?:données\ personnelles|datenschutz(?:erklärung)?)\W*$
  | (?:suivez-nous|follow\ (?-i:us)\b|síguenos|síganos|folgen\ (?-i:Sie)\ uns|seguici|siga-nos)\b
  | (?:partager|share|compartir|teilen|condividi|compartilhar)\W+
      (?:(?:on|by|via|with|this|article|story|it|sur|par|cet|en|por|auf|per|su|no|em)\W+|l['’]article\W+){0,4}
      (?:facebook|twitter|whatsapp|e-?mail)\b.{0,60}$
  | (?=.*\bcookies?\b).*\b(?:nous\ (?:et\ nos\ partenaires\ )?utilisons|(?:ce|notre)\ site\ utilise|en\ (?:poursuivant|continuant)|vous\ (?:acceptez|pouvez)
      |we(?:\ and\ our\ partners)?\ use|(?:this|our)\ (?:web)?site\ uses|by\ (?:continuing|using)|you\ (?:accept|agree|consent)
      |wir\ (?:verwenden|nutzen|setzen)|(?:diese|unsere)\ (?:web)?seite\ (?:verwendet|nutzt)|(?-i:Sie)\ stimmen|stimmen\ (?-i:Sie)
      |utilizamos|usamos|si\ contin[uú]a|usiamo|utilizziamo|questo\ sito\ (?:usa|utilizza)|accetti|ao\ continuar|este\ (?:site|sitio)\ (?:usa|utiliza)|você\ aceita)\b
""",
    "see also": r"""
    (?:(?:[àa]\ )?(?:re)?(?:lire|voir|écouter|découvrir)\ (?:aussi|également|la\ suite|notre
        |nos\ (?:\p{L}+\ )?(?:articles?|dossiers?|vidéos?|photos?|infos?|conseils|offres|enquêtes?|reportages?))|(?:lire|voir)\ (?:l['’]article|plus\W*$)
      |sur\ le\ même\ sujet\W*(?:$|:)|articles?\ (?:liés?|similaires?|recommandés?)|(?:pour\ aller|en\ savoir)\ plus(?:\ loin)?\W*(?:$|:)
      |read\ (?:also|more|next)|see\ also|also\ read|related\ (?:articles?|stories|topics|coverage|content|news)|(?:related|recommended|don['’]t\ miss)\W*(?:$|:)
      |more\ on\ this|(?:lea|leer|lee|vea|ver)\ también|(?:lea|lee|vea)\ más|(?:leer|ver)\ más\W*(?:$|:)|te\ puede\ interesar|(?:más\ información|mais\ informações)\W*(?:$|:)|not[ií]cias?\ relacionadas?
      |lesen\ (?-i:Sie)\ (?:auch|mehr|hier|dazu|weiter)|mehr\ zum\ thema|das\ könnte\ (?-i:Sie)\ auch\ interessieren|siehe\ auch
      |(?:leggi|vedi|guarda)\ anche|leggi\ (?:tutto|di\ più)|ti\ potrebbe(?:ro)?\ interessare|potrebbe(?:ro)?\ interessarti|articoli\ (?:correlati|simili)
      |(?:leia|veja)\ (?:também|mais)|saiba\ mais)(?!\w)
""",
    "credit": r"""
    crédits?\ ?(?:photos?|images?|vidéo) | photo(?:s|graph)?\ ?(?:©|credits?|:) | photos?\ by\ (?-i:\p{Lu}) | (?:picture|image|photo)\ credit
  | file\ (?:photo|image)\b | photos?\ (?:d['’](?:illustration|archives?)|prétexte)\b.{0,60}$ | image\ d['’](?:illustration|archives?)\W*$
  | foto(?:grafía)?s?\ ?: | foto\ d['’]archivio\W*$ | foto\ (?:di|de|von)\ (?:(?-i:\p{Lu})[\p{L}'’.-]+[\s/,]*){1,5}$
  | (?:imagen|imagem|foto)\ (?:de\ archivo|de\ arquivo|ilustrativa)\W*$ | (?:imagen|imagem|immagine|créditos?|crediti?)\ ?: | illustration\ ?[:©] | ©
  | bild(?:quelle|nachweis)?\ ?: | fotonachweis | (?:symbol|archiv)(?:bild|foto)\W*(?:$|:)
  | (?:(?-i:\p{Lu})[^,.]{1,60},\ )?(?:publié|mis\ à\ jour|modifié)\ le\ .{4,30}\ à\ \d{1,2}\ ?[h:]\ ?\d{0,2}\W*$
""",
}
ANYWHERE = {
    "appeal": r"""
    (?:soutenez|aidez)(?:-nous\b|\ (?:notre|nos|le\ journalisme|la\ presse)\b)
  | rejoignez\ (?:notre|nos)\b.{0,40}\b(?:abonnés|lecteurs|membres|communauté|soutiens)\b
  | votre\ (?:soutien|don|abonnement|aide)\b.{0,80}\b(?:journal|rédaction|média|information|indépendan)
  | (?:nous\ comptons|compter)\ sur\ votre\b
  | comment\ pouvez-vous\ nous\ aider\b
  | (?:faites|faire)\ un\ don\b.{0,60}\b(?:nous|notre)\b
  | nous\ avons\ besoin\ de\ (?:votre|vous)\b
  | (?:est|sommes)\ un\ (?:média|journal|site|magazine)\b.{0,60}\bindépendant\b.{0,60}\b(?:(?:sans|aucune?)\b(?!.{0,60},\ (?:qui|dont)\b)|(?:nous|vous|votre)\b)
  | (?:^|(?<=[.!?:…]\ )|(?<=\b(?:please|and|or|can|now)\ ))(?:support|donate\ to|help\ fund|subscribe\ to)
      \ (?:(?-i:us)\b|our\ (?:work|journalis|newsroom|report|mission)|independent\ journalism)
  | (?:we|newsroom|journalism)\b.{0,40}\b(?:rely|depend|count)\ on\ (?:your?)\b
  | (?:rely|depend|count)\ on\ (?:readers?\ like\ you|your\ (?:support|donation|contribution|generosity|help))\b
  | your\ (?:support|donation|contribution|subscription|gift)\b.{0,80}\b(?:(?-i:us)|our|journalism|newsroom|reporting)\b
  | please\ (?:consider|make)\b.{0,40}\b(?:donat|contribut|subscrib|support)
  | (?<![\p{L},]\ )help\ us\ (?:keep|stay|continue|remain|tell|report)\b | we\ need\ your\ (?:help|support|donation)
  | (?:is|are)\ an?\ (?:independent|non-?profit)\b.{0,60}\b(?:newsroom|news\ (?:site|outlet|organi[sz]ation)|media)\b.{0,60}\b(?:(?<!\b(?:its|their|whose)\ )readers|our|(?-i:us)|your?)\b
  | (?:apóy[ae]nos|apóyenos|ayúd[ae]nos|ayúdenos|hazte\ soci[oa]|ha(?:z|ga)\ una\ donación)\b
  | (?:tu|su|vuestr[oa])\ (?:apoyo|ayuda|donación|aporte)\b.{0,80}\b(?:periodismo|nos\ (?:permit|ayud|hac)\w*
      |nuestr[oa]\ (?:trabajo|redacción|labor|medio|diario|misión|equipo))\b
  | necesitamos\ (?:de\ )?(?:tu|su|vuestr[oa])\ (?:apoyo|ayuda|donación)\b
  | (?:unterstützen|helfen)\ (?-i:Sie)\ (?:uns|unsere?[nrs]?)\b | (?<![\p{L},]\ )unterstützt?e?\ (?:uns|unsere?n?)\b
  | (?-i:Ihre)\ (?:Spende|Unterstützung)\b.{0,80}\b(?:uns|unser\w*|\w*journalis\w*|redaktion)\b
  | brauchen\ (?-i:Ihre|deine|eure)\ (?:Unterstützung|Hilfe|Spende)
  | (?:sostienici|sosteneteci|aiutaci|aiutateci|dona\ ora|fai\ una\ donazione)\b
  | (?:sostieni|sostenete)\ (?:(?:il|la)\ nostr[oa]|il\ giornalismo|l['’]informazione)
  | (?:il|del)\ (?:tuo|vostro)\ (?:sostegno|contributo|aiuto)\b
  | (?:apoie-nos|ajude-nos|faça\ uma\ doação)\b | apoie\ o\ (?:nosso|jornalismo)\b
  | (?:seu|teu|vosso|sua|tua|vossa)\ (?:apoio|ajuda|doação)\b.{0,80}\b(?:jornalismo|nos\ (?:permit|ajud)\w*
      |noss[oa]\ (?:trabalho|redação|equip[ae]|missão|jornal))\b
  | precisamos\ d[oa]\ (?:seu|teu|vosso|sua|tua|vossa)\ (?:apoio|ajuda|doação)\b
""",
    "notice": r"""
    (?:inscrivez-vous|abonnez-vous|recevez)\b.{0,80}\b(?:newsletter|lettre|infolettre|alertes?|abonné)
  | (?:article|contenu|suite|lecture)\ (?:est\ )?réservée?\ (?:aux|à\ nos)\ abonnés
  | (?<![\p{L},]\ )(?:(?:sign\ up|subscribe)\b.{0,80}\be-?mail|(?:sign\ up|subscribe|register)\b.{0,80}\b(?:newsletter|inbox|updates|alerts)) | to\ your\ inbox\b
  | (?:article|story|content)\ is\ (?:only\ )?(?:for|available\ to|reserved\ for)\ (?:our\ )?subscribers
  | (?:suscríbase|suscríbete|regístrate)\b | (?:contenido|artículo)\ (?:exclusivo\ |solo\ |reservado\ )para\ (?:nuestros\ )?suscriptores
  | abonnieren\ (?-i:Sie)\b | jetzt\ abonnieren\b | (?:artikel|inhalt)\ (?:ist\ )?nur\ für\ abonnenten
  | iscriviti\b.{0,60}\bnewsletter | (?:contenuto|articolo)\ (?:è\ )?(?:riservato|esclusivo)\ (?:agli|per\ gli)\ abbonati
  | (?:assine|inscreva-se)\b.{0,60}\b(?:newsletter|boletim|jornal\b)
  | (?:conteúdo|artigo|matéria)\ (?:é\ )?(?:exclusiv|reservad)[oa]\ (?:para|a)\ (?:os\ )?assinantes
  | tous\ droits\ (?:de\ reproduction\b.{0,40})?réservés\b | reproduction\ (?:interdite|prohibited|forbidden)\b
  | all\ rights\ reserved\b | may\ not\ be\ (?:published|reproduced|copied)\b.{0,40}\b(?:broadcast|rewritten|redistributed|permission|consent)\b
  | todos\ los\ derechos\ reservados\b | alle\ rechte\ vorbehalten\b | tutti\ i\ diritti\ riservati\b | todos\ os\ direitos\ reservados\b
""",
}


def _compiled(patterns: dict[str, str], prefix: str) -> "dict[str, regex.Pattern[str]]":
    flags = regex.VERBOSE | regex.IGNORECASE
    return {kind: regex.compile(rf"{prefix}(?:{pattern})", flags) for kind, pattern in patterns.items()}


# Apart, because that is four times as fast as one pattern for both.
AT_THE_START = _compiled(STARTS, r"\W*")
INSIDE = _compiled(ANYWHERE, r"\b")
# "Read also" and credits head a line of their own; a paragraph of news that happens to begin so is longer. A very
# long one is a whole article on one line.
LONGEST = {"appeal": 1200, "notice": 1200, "see also": 300, "credit": 200}
# Whole, or from a mark that nobody closes to the end, or to one that nobody opened.
QUOTATIONS = regex.compile(
    r"«[^»]*(?:»|$)|“[^”]*(?:”|$)|„[^“”]*(?:[“”]|$)|(?<![^\s(\['’])\"[^\"]*(?:\"|$)|^[^\"]*\S\"(?=[\s,.])"
)


def kind_of_boilerplate(paragraph: str) -> str | None:
    """Which kind of boilerplate the paragraph is by what it says, or None where it is news.

    What stands inside quotation marks is somebody's speech, and is left out of account.
    """
    if len(paragraph) > max(LONGEST.values()):
        return None
    plain = " ".join(unicodedata.normalize("NFC", paragraph).split())
    spoken = QUOTATIONS.sub(" ", plain)
    for kind, longest in LONGEST.items():
        if len(plain) <= longest and (
            AT_THE_START[kind].match(spoken) or (kind in INSIDE and INSIDE[kind].search(spoken))
        ):
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
