"""What publishers say about themselves is told from what they report, in six languages."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.boilerplate import fingerprint, is_repeated, kind_of_boilerplate
from index.sentences import paragraphs

SAMPLE = Path(__file__).parents[2] / "seeds" / "trump-poutine-budapest.txt"

# kind: one example a line.
BOILERPLATE = {
    "appeal": """
        Soutenez Le Courrier du Soir à partir de 2 € par mois.
        Aidez-nous à rester libres : faites un don déductible de vos impôts.
        Votre soutien permet à notre rédaction de continuer à enquêter.
        Le Matin libre est un journal indépendant, sans publicité ni actionnaire.
        Cet article vous a plu ? Faites un don à notre journal.
        Pour continuer, nous avons besoin de vous.
        Nous comptons sur votre soutien pour défendre un journalisme libre.
        Vous aimez notre travail ? Soutenez-nous.
        Rejoignez nos 20 000 abonnés et défendez la presse indépendante.
        If you value our work, please consider making a donation today.
        Support independent journalism: become a member of The Evening Post.
        The Morning Courier is an independent, nonprofit newsroom funded by readers.
        We rely on readers like you to keep our reporting free.
        Your support makes our journalism possible.
        Donate to us today and your gift will be doubled.
        Help us keep the news free for everyone.
        Now more than ever, we need your support.
        Apóyanos: hazte socio por 5 euros al mes.
        Su apoyo hace posible nuestro periodismo.
        Necesitamos tu ayuda para seguir informando.
        Haz una donación y defiende el periodismo independiente.
        Tu apoyo nos permite investigar sin presiones.
        Unterstützen Sie unsere Arbeit mit einer Spende.
        Ihre Spende macht unseren Journalismus möglich.
        Unterstützen Sie uns! Schon ab 5 Euro im Monat.
        Wir brauchen Ihre Unterstützung, um unabhängig zu bleiben.
        Guter Journalismus kostet Geld. Unterstütze uns jetzt.
        Unterstützen Sie die Abendpost mit 5 Euro im Monat.
        Sostieni il nostro giornale con una donazione.
        Il tuo sostegno è prezioso per la nostra redazione.
        Abbiamo bisogno del tuo aiuto per continuare a informare.
        Aiutaci a restare indipendenti: dona ora.
        Apoie o nosso jornalismo independente.
        O seu apoio é essencial para o nosso jornal.
        Faça uma doação e ajude-nos a continuar.
        Precisamos do seu apoio para continuar a informar.
    """,
    "notice": """
        Inscrivez-vous à notre newsletter pour recevoir l’essentiel de l’actualité.
        Recevez chaque matin notre lettre d’information.
        Abonnez-vous pour lire la suite
        Cet article est réservé aux abonnés.
        Il vous reste 70 % de cet article à lire. La suite est réservée aux abonnés.
        Déjà abonné ? Se connecter
        Nous utilisons des cookies pour améliorer votre expérience ; en poursuivant, vous acceptez leur usage.
        Gérer mes cookies
        Tous droits réservés. Reproduction interdite sans autorisation.
        Mentions légales – Politique de confidentialité
        Vos réactions doivent respecter nos CGU.
        Suivez-nous sur Facebook et sur Telegram
        Retrouvez toute l’actualité sur notre application
        Téléchargez notre application gratuite
        Partager cet article sur Facebook
        Sign up for our free daily newsletter and get the news in your inbox.
        Subscribe to continue reading
        Already a subscriber? Log in
        This article is for subscribers only.
        We use cookies to improve your experience. By continuing you accept our cookie policy.
        Accept all cookies
        Manage cookie preferences
        © 2025 The Evening Post. All rights reserved.
        This material may not be published, broadcast, rewritten or redistributed.
        Privacy policy | Terms of use
        Follow us on Instagram
        Download our app for breaking news alerts.
        Suscríbete a nuestro boletín y recibe las noticias cada mañana.
        Contenido exclusivo para suscriptores
        Utilizamos cookies propias y de terceros; si continúa navegando, acepta su uso.
        Todos los derechos reservados.
        Síguenos en Twitter
        Abonnieren Sie unseren kostenlosen Newsletter.
        Dieser Artikel ist nur für Abonnenten.
        Wir verwenden Cookies, um Ihnen die Nutzung unserer Seite zu erleichtern. Sie können zustimmen.
        Alle Rechte vorbehalten.
        Folgen Sie uns auf Instagram
        Impressum | Datenschutz
        Iscriviti alla nostra newsletter
        Contenuto riservato agli abbonati
        Usiamo i cookie per migliorare la tua esperienza: continuando accetti il loro uso.
        Tutti i diritti riservati
        Seguici su Facebook
        Assine a nossa newsletter e receba as notícias todas as manhãs.
        Conteúdo exclusivo para assinantes
        Usamos cookies para melhorar a sua experiência; ao continuar, você aceita o nosso uso.
        Todos os direitos reservados.
        Siga-nos no Instagram
    """,
    "see also": """
        À lire aussi : Budapest se prépare au sommet
        A lire aussi
        À LIRE ÉGALEMENT : Ce que dit l’accord
        Lire aussi » Les réactions à Kiev
        Voir aussi : notre dossier sur la guerre
        >> Lire aussi : le portrait de la ministre
        → À voir aussi
        Sur le même sujet
        Lire la suite sur notre site
        Pour aller plus loin : notre dossier spécial
        Read more: What we know about the summit
        READ ALSO: Five takeaways
        See also
        Related articles
        More on this story
        Recommended: The long road to peace
        Lea también: Qué se sabe de la cumbre
        Te puede interesar: las claves del acuerdo
        Más información
        Noticias relacionadas
        Lesen Sie auch: Was wir über den Gipfel wissen
        Mehr zum Thema
        Lesen Sie hier mehr über das Abkommen
        Leggi anche: Cosa sappiamo del vertice
        Ti potrebbe interessare
        Articoli correlati
        Leia também: o que se sabe sobre a cimeira
        Veja também
        Saiba mais
        Notícias relacionadas
    """,
    "credit": """
        Crédit photo : Jeanne Exemple
        © AFP, Jeanne Exemple
        ©Jeanne Exemple / AFP
        (Photo d’illustration)
        Photo d’archives
        Photo : Jeanne Exemple/AFP
        (Photo by Ann Example/Getty Images)
        Photo: Ann Example
        Image credit: Ann Example
        Photograph: Ann Example/The Evening Post
        Foto: Ana Ejemplo/EFE
        Imagen de archivo
        Foto: Anna Beispiel/dpa
        Bildquelle: picture alliance
        Symbolbild
        Foto di Anna Esempio
        Foto d’archivio
        Foto: Ana Exemplo/Lusa
        Crédito: Ana Exemplo
        Imagem ilustrativa
        AFP, publié le jeudi 02 juillet 2020 à 18h16
        Publié le 2 juillet 2020 à 18h16
    """,
}
# News about money, newsletters, cookies, photographers, and people who ask for support.
NEWS = {
    "fr": """
        Partager une photo sur Facebook pourra coûter 7 500 euros.
        Voir nos enfants mourir à Gaza est insupportable, a dit un père.
        Découvrez qui sont nos ministres : la liste du gouvernement.
        La CNIL a infligé une amende de 100 millions d’euros à Google pour ses cookies publicitaires.
        Les internautes doivent pouvoir refuser les cookies aussi facilement que les accepter, a rappelé la CNIL.
        La campagne de dons a permis de récolter 3 millions d’euros pour l’hôpital.
        L’association appelle à faire un don pour les sinistrés du séisme.
        « Soutenez-nous ! », a lancé le maire aux habitants réunis sur la place.
        « Nous avons besoin de vous », a déclaré le président aux soignants.
        Le Monde a gagné 30 000 abonnés numériques en un an, selon son directeur.
        Le journal a augmenté le prix de son abonnement de 2 euros par mois.
        La newsletter du ministère a été envoyée par erreur à 3 000 personnes.
        Le photographe de l’AFP a été blessé pendant la manifestation.
        Une photo publiée sur le compte Twitter de la ministre a fait polémique.
        La photo d’un enfant sauvé des décombres a fait le tour du monde.
        Les ministres ont compté sur le soutien de la gauche pour faire adopter le texte.
        Médiapart, journal en ligne, a publié mardi un enregistrement de l’ancien ministre.
        Il a conseillé de lire aussi les annexes du rapport avant de voter.
        Les auteurs réclament des droits sur les œuvres reproduites par la plateforme.
        Le réalisateur s’est abonné au festival depuis vingt ans.
        Le décret a été publié le 2 juillet au Journal officiel.
        Le gouvernement demande aux Français de suivre les consignes de sécurité.
        Abonnez vos enfants à la bibliothèque, conseille la mairie, qui offre la première année.
        Sur le même sujet, la commission a publié mardi un second rapport.
        Rejoignez-nous à la fête du village le 12 juin, propose la mairie.
        Les syndicats ont appelé les salariés à rejoindre le mouvement jeudi.
        Le Monde est un journal indépendant, dont les lecteurs sont 500 000, selon la Cour.
        Mediapart est un journal en ligne indépendant, sans publicité, qui a révélé mardi que le ministre partait.
        L’institut est un organisme indépendant chargé de la statistique publique.
    """,
    "en": """
        Some 3 billion would go to programmes that support independent journalism and civil society.
        The general said troops would support us from the air, and that 200 soldiers had crossed the river.
        The minister thanked those who support our work in Gaza, and said that 40 trucks had crossed the border.
        Meduza is an independent news site based in Riga, and Moscow has blocked it; its readers may now be fined.
        Britain and Canada said they would support US strikes on Iran.
        Your gift to a US charity may be deducted from taxes.
        The amount will depend on your age: people over 80 get 105 pounds a week.
        Share prices of Facebook and Twitter fell by 12% on Monday.
        Register by email before 5 November to vote abroad.
        Privacy policy changes at WhatsApp will take effect on 15 May.
        Support Ukraine with 40 billion euros: that is what the Commission proposed today.
        The regulator fined the company 50 million euros over its use of cookies without consent.
        Users must be able to reject cookies as easily as they accept them, the court ruled.
        The charity raised two million dollars in donations for the victims of the flood.
        “Please consider donating blood,” the health minister told reporters.
        "Support us now or lose us for ever," the union leader said.
        The newspaper said that digital subscriptions rose 12 per cent to 3.1 million.
        The senator urged voters to support the Democrats in November.
        The photo agency sued the search engine over pictures of the prince.
        A photo of the two leaders shaking hands was published by the Kremlin.
        The newsletter, sent to 4,000 investors, predicted a fall in prices.
        The court found that the firm had shared personal data with Facebook.
        The president asked Congress to support Ukraine with another aid package.
        The independent commission is expected to publish its report on Friday.
        Farmers depend on the river for water, and on the weather for everything else.
        All rights of the residents must be respected, the mayor said.
        Related companies owned by the family were searched as well.
        She read more than 200 letters before she took the decision.
        Readers wrote to the paper to complain about the cartoon.
        The bakery sold 3,000 cookies on its first day, and you could smell our street from afar, a neighbour said.
        The two ministers will continue to use the hotline, and our correspondents confirmed this.
        Support systems for brakes will have to become a mandatory feature of European cars.
        Support Workers Union Will Sue the City Over Layoffs
        We hope that the new rules help us make better decisions, the mayor said.
        Follow-up talks will be held in Geneva next week, and the sides share a mailing address there.
        The newsroom of the public broadcaster went on strike on Monday.
    """,
    "es": """
        El presidente reiteró su apoyo a Ucrania y anunció 400 millones para nuestro país.
        Leer más de dos libros al mes mejora la memoria, según un estudio.
        Compartir cuentas de WhatsApp será delito en Perú.
        La agencia multó a la empresa con 3 millones por instalar cookies sin consentimiento.
        La campaña de donaciones recaudó 2 millones para los damnificados del terremoto.
        «Apóyanos en las urnas», pidió el candidato a los jóvenes.
        El diario alcanzó los 300.000 suscriptores digitales en marzo.
        El fotógrafo de EFE resultó herido durante la protesta.
        La foto de los dos presidentes fue publicada por el Kremlin.
        El ministro pidió a los ciudadanos que se registren antes del viernes.
        El partido agradeció su apoyo a los alcaldes de la región.
        La cumbre se verá también por televisión en veinte países.
        El Gobierno pidió más información a la embajada.
        Los derechos reservados a los socios fueron ampliados en la asamblea.
        La donante, de 80 años, hizo una donación de su biblioteca a la universidad.
    """,
    "de": """
        Die Behörde verhängte ein Bußgeld gegen den Konzern, weil er Cookies ohne Einwilligung gesetzt hatte.
        Die Spendenaktion brachte zwei Millionen Euro für die Opfer der Flut.
        „Unterstützen Sie uns!“, rief der Kandidat den Bauern zu.
        Die Zeitung hat nun 200.000 digitale Abonnenten.
        Der Fotograf der dpa wurde bei der Demonstration verletzt.
        Das Foto der beiden Präsidenten veröffentlichte der Kreml.
        Die Minister unterstützen die Ukraine weiter, sagte der Kanzler.
        Die Spende von 80.000 Euro ging an das Krankenhaus in Köln.
        Ihre Unterstützung für den Entwurf zogen die Grünen am Montag zurück.
        Der Newsletter des Ministeriums ging aus Versehen an 3.000 Menschen.
        Das Gericht behielt sich alle Entscheidungen über die Rechte der Erben vor.
        Lesen und Schreiben fallen vielen Kindern schwerer als früher, heißt es in der Studie.
    """,
    "it": """
        Il Garante ha multato la società per l’uso dei cookie senza consenso.
        La raccolta di donazioni ha portato due milioni di euro alle vittime dell’alluvione.
        «Sosteneteci», ha detto il sindaco agli abitanti.
        Il quotidiano ha superato i 500.000 abbonati digitali.
        Il fotografo dell’Ansa è stato ferito durante la manifestazione.
        La foto dei due presidenti è stata pubblicata dal Cremlino.
        Il governo chiede ai cittadini di iscriversi entro venerdì.
        Il contributo dei comuni sarà versato entro la fine dell’anno.
        I diritti televisivi riservati ai club minori sono aumentati.
        La regina sostenne il re fino alla fine, scrive lo storico.
        La newsletter dell’azienda annunciava un calo dei prezzi.
        Il ministro invita a leggere anche gli allegati del rapporto.
    """,
    "pt": """
        Bolsonaro declarou seu apoio ao candidato em entrevista ao jornal O Estado de S. Paulo.
        A autoridade multou a empresa por usar cookies sem consentimento.
        A campanha de doações arrecadou dois milhões para as vítimas das cheias.
        «Apoiem-nos», pediu o candidato aos agricultores.
        O jornal ultrapassou os 100.000 assinantes digitais.
        O fotógrafo da Lusa ficou ferido durante a manifestação.
        A foto dos dois presidentes foi publicada pelo Kremlin.
        O ministro pediu aos cidadãos que se inscrevam até sexta-feira.
        O presidente agradeceu o seu apoio ao governador do estado.
        A doação de 80 mil euros foi entregue ao hospital do Porto.
        Os direitos reservados aos sócios foram alargados na assembleia.
        Assine quem assinar, o acordo entra em vigor em março, disse o ministro.
        O primeiro-ministro apoia a proposta da Comissão, disse o porta-voz.
    """,
}


def lines(examples: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, line.strip()) for name, text in examples.items() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("kind", "line"), lines(BOILERPLATE))
def test_what_publishers_say_of_themselves(kind: str, line: str) -> None:
    assert kind_of_boilerplate(line) == kind


@pytest.mark.parametrize(("_language", "line"), lines(NEWS))
def test_news_about_the_same_things(_language: str, line: str) -> None:
    assert kind_of_boilerplate(line) is None


def test_there_are_many_examples_of_both() -> None:
    assert len(lines(BOILERPLATE)) >= 60
    assert len(lines(NEWS)) >= 60


def test_of_the_sample_article_the_last_two_paragraphs_and_no_other() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    kinds = [kind_of_boilerplate(text[slice(*span)]) for span in paragraphs(text)]
    assert kinds == [None] * (len(kinds) - 2) + ["appeal", "appeal"]


@pytest.mark.parametrize(
    "line",
    [
        "« Soutenez-nous », a dit le maire.",
        "“Please consider donating to us”, she said.",
        '"Apóyanos", pidió el candidato.',
        "„Unterstützen Sie uns“, sagte er.",
        "« Soutenez-nous, nous avons besoin de vous. La suite au paragraphe suivant.",
        "“We need your help. We rely on you.",
        'Nous avons besoin de vous", a dit le maire. "Soutenez-nous", a-t-il ajouté.',
    ],
)
def test_speech_is_left_out_of_account(line: str) -> None:
    assert kind_of_boilerplate(line) is None


def test_accents_spaces_and_case_may_be_written_otherwise() -> None:
    assert kind_of_boilerplate("A\u0300 lire aussi\u00a0: le sommet") == "see also"
    assert kind_of_boilerplate("NOUS\u00a0COMPTONS\u202fSUR  VOTRE SOUTIEN") == "appeal"
    assert kind_of_boilerplate("S’abonner") == kind_of_boilerplate("S'abonner") == "notice"


def test_a_whole_article_on_one_line_is_no_boilerplate() -> None:
    news = "Les ministres se sont réunis à Budapest pour parler de la paix. " * 30
    assert kind_of_boilerplate(f"{news}Soutenez notre journal : nous avons besoin de vous.") is None
    assert kind_of_boilerplate(f"Photo : {news}") is None


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text('«»“”„" soutenez-nous.©'))
def test_any_text_has_one_kind_or_none(text: str) -> None:
    assert kind_of_boilerplate(text) in {None, "appeal", "notice", "see also", "credit"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_fingerprint_fits_the_store_and_ignores_spaces(text: str) -> None:
    assert -(2**63) <= fingerprint(text) < 2**63
    assert fingerprint(text) == fingerprint(f" {text}\n".replace(" ", "  "))


def test_fingerprints_differ_where_words_do() -> None:
    assert fingerprint("Read Also: a") == fingerprint("read  also: A")
    assert len({fingerprint(f"paragraph {number}") for number in range(1000)}) == 1000


@given(st.integers(0, 10_000), st.integers(0, 100_000))
def test_what_is_repeated_stays_so_with_more_copies_and_less_company(copies: int, articles: int) -> None:
    articles = max(articles, copies)
    if is_repeated(copies, articles):
        assert copies >= 3
        assert is_repeated(copies + 1, articles + 1)
        assert is_repeated(copies, articles - 1)


def test_how_often_is_too_often() -> None:
    assert [is_repeated(2, number) for number in (2, 3, 100)] == [False] * 3  # a second report of the same event
    assert is_repeated(3, 3) is False  # three copies of one story are a running story, or all there is
    assert is_repeated(4, 4)
    assert is_repeated(20, 100) and not is_repeated(19, 100)
    assert is_repeated(200, 8212) and not is_repeated(25, 8212)  # measured, see is_repeated
