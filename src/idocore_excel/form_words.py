"""What a form says, in Dutch and English."""

from typing import Any, Final

from idocore import Language

_WORDS: Final = {
    "fill-in": ("Invullen", "Fill in"),
    "explanation": ("Uitleg", "Explanation"),
    "lists": ("Lijsten", "Lists"),
    "title": ("Registratieformulier: {theme}", "Registration form: {theme}"),
    "title-at": ("Registratieformulier {point}: {theme}", "Registration form {point}: {theme}"),
    "hint": (
        "Eén regel per vraag. Had een bezoeker meer vragen? Geef die regels hetzelfde bezoekersnummer. "
        "Een * betekent: altijd invullen. Meer op het blad Uitleg.",
        "One row per question. Did a visitor have more of them? Give those rows the same visitor number. "
        "A * means: always fill in. More on the sheet Explanation.",
    ),
    "hint-tally": (
        "Eén regel per telling. Een * betekent: altijd invullen. Meer op het blad Uitleg.",
        "One row per count. A * means: always fill in. More on the sheet Explanation.",
    ),
    "visit": ("Het bezoek", "The visit"),
    "inquiry": ("De vraag", "The question"),
    "id": ("Kenmerk", "Id"),
    "visitor": ("Bezoeker nr.", "Visitor no."),
    "date": ("Datum", "Date"),
    "time": ("Tijd", "Time"),
    "point": ("IDO-locatie", "Service point"),
    "count": ("Aantal bezoekers", "Number of visitors"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    # ---- Prompts beside a cell: 255 characters at most ----
    "prompt-visitor": (
        "Alleen nodig als een bezoeker meer vragen had: geef de regels van die bezoeker hetzelfde nummer. "
        "Wat over het bezoek gaat hoeft dan alleen op de eerste regel.",
        "Only needed when a visitor had more questions: give the rows of that visitor the same number. "
        "What is about the visit is then needed on the first row only.",
    ),
    "prompt-date": ("De dag van het bezoek, bijvoorbeeld {day}.", "The day of the visit, for example {day}."),
    "prompt-time": (
        "De tijd waarop het gesprek begon, bijvoorbeeld 14:30. Niet bekend? Laat leeg.",
        "The time at which the conversation began, for example 14:30. Not known? Leave it empty.",
    ),
    "prompt-number": ("Een geheel getal.", "A whole number."),
    "prompt-choice": ("Kies uit de lijst (het pijltje, of Alt + pijl omlaag).", "Choose from the list (Alt + down)."),
    "prompt-choices": (
        "Kies uit de lijst. Meer dan één? Gebruik ook de kolommen ernaast.",
        "Choose from the list. More than one? Use the columns beside it, too.",
    ),
    "prompt-yes-no": ("Kies ja of nee. Niet bekend? Laat leeg.", "Choose yes or no. Not known? Leave it empty."),
    "prompt-text": (
        "Alleen voor eigen gebruik. Schrijf geen namen, nummers of adressen van bezoekers op.",
        "For the desk's own use only. Do not write down names, numbers or addresses of visitors.",
    ),
    # ---- Errors of a cell: 255 characters at most ----
    "error-title": ("Dit kan hier niet", "Not possible here"),
    "error-date": (
        "Vul een datum in van {first} tot en met vandaag, bijvoorbeeld {day}.",
        "Fill in a date from {first} up to today, for example {day}.",
    ),
    "error-date-ended": (
        "Dit formulier is voor bezoeken van {first} tot en met {last}, niet na vandaag. Vul zo'n datum in.",
        "This form is for visits from {first} to {last}, not after today. Fill in such a date.",
    ),
    "error-time": ("Vul een tijd in, bijvoorbeeld 14:30.", "Fill in a time, for example 14:30."),
    "error-number": (
        "Vul een geheel getal in, zonder punten of komma's.",
        "Fill in a whole number, without points or commas.",
    ),
    "error-choice": (
        "Deze tekst staat niet in de lijst. Kies een van de mogelijkheden met het pijltje naast de cel.",
        "This text is not in the list. Choose one of the possibilities with the arrow beside the cell.",
    ),
    "error-text": ("Deze tekst is te lang: hoogstens 2000 tekens.", "This text is too long: 2000 characters at most."),
    # ---- The sheet with the explanation ----
    "how": ("Zo vult u het in", "How to fill it in"),
    "how-1": (
        "Vul op het blad Invullen voor elke vraag van een bezoeker één regel in, te beginnen bovenaan.",
        "Fill in one row for each question of a visitor on the sheet Fill in, from the top.",
    ),
    "how-2": (
        "Had een bezoeker meer vragen, geef die regels dan hetzelfde bezoekersnummer. Wat over het bezoek gaat hoeft "
        "alleen op de eerste regel. Eén vraag? Dan is geen nummer nodig. Elke dag opnieuw bij 1 beginnen mag.",
        "When a visitor had more questions, give those rows the same visitor number. What is about the visit is needed "
        "on the first row only. One question? Then no number is needed. Starting at 1 again every day is fine.",
    ),
    "how-tally": (
        "Vul op het blad Invullen voor elke telling één regel in: de dag, en hoeveel bezoekers er waren.",
        "Fill in one row for each count on the sheet Fill in: the day, and how many visitors there were.",
    ),
    "how-3": (
        "Bewaar het bestand en lever het in bij uw coördinator. Hetzelfde bestand nog eens inleveren kan geen kwaad: "
        "niets wordt dubbel geteld.",
        "Save the file and hand it in to your coordinator. Handing in the same file again does no harm: nothing is "
        "counted twice.",
    ),
    "how-4": (
        "Vult een collega ook in? Vraag dan voor ieder een eigen formulier; een kopie van dit telt als hetzelfde.",
        "Does a colleague fill in, too? Then ask for a form for each; a copy of this file counts as the same one.",
    ),
    "how-5": (
        "Schrijf geen persoonsgegevens van bezoekers op: geen naam, burgerservicenummer, adres of telefoonnummer.",
        "Write down nothing personal of visitors: no name, citizen service number, address or telephone number.",
    ),
    "colours": ("De kleuren", "The colours"),
    "colour-missing": ("Dit moet nog ingevuld worden.", "This still has to be filled in."),
    "colour-not-asked": (
        "Dit wordt niet gevraagd; u kunt het overslaan.",
        "This is not asked; you can skip it.",
    ),
    "colour-wrong": (
        "Hier staat iets wat niet gevraagd wordt: haal het weg, of pas het antwoord ervóór aan.",
        "Something stands here that is not asked: take it away, or change the answer before it.",
    ),
    "columns": ("De kolommen", "The columns"),
    "column": ("Kolom", "Column"),
    "meaning": ("Wat u invult", "What you fill in"),
    "choices": ("Keuzes", "Choices"),
    "only-when": ("Alleen als {field} is: {labels}.", "Only when {field} is: {labels}."),
    "footer": ("Formulier {version} van thema {theme}", "Form {version} of theme {theme}"),
}


def word(name: str, language: Language, **parameters: Any) -> str:
    """What the form says under `name`, with its parameters filled in."""
    nl, en = _WORDS[name]
    return (nl if language == "nl" else en).format(**parameters)
