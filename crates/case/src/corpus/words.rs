//! The vocabulary of `verse`, by part of speech; frequent words first.

pub(super) const OPENERS: &[&str] = &[
    "Und", "Doch", "Ich", "Du", "Wir", "Sie", "Er", "Der", "Die", "Das", "So", "Wenn", "Dann", "Da", "Nun", "Wo",
    "Wer", "Was", "Ach", "Nur", "Kein", "Ein", "Im", "Am", "Mit", "Bei", "Von", "Zu", "Auf", "Aus", "Durch", "Für",
    "Über", "Bald", "Noch", "Schon", "Hier", "Dort", "Oft", "Nie", "Warum", "Woher", "Seht", "Hört", "Laßt", "Kommt",
    "Einst", "Heut", "Morgen", "Gestern", "Drum", "Denn", "Weil", "Obgleich", "Indes", "Während", "Früh", "Spät",
];

pub(super) const LINKS: &[&str] = &[
    "und", "der", "die", "das", "ist", "nicht", "in", "zu", "ein", "den", "mit", "es", "so", "sich", "von", "mir",
    "dir", "ihn", "ihr", "auf", "dem", "im", "wie", "was", "nur", "noch", "wohl", "doch", "hat", "wird", "aus", "bei",
    "als", "nach", "eine", "einen", "mein", "dein", "sein", "unser", "euer", "man", "auch", "schon", "für", "um",
    "an", "am", "vom", "zum", "zur", "durch", "über", "unter", "gegen", "ohne", "vor", "hinter", "neben", "zwischen",
    "immer", "niemals", "wieder", "kaum", "fast", "gern", "selten", "allein", "zugleich", "endlich", "vielleicht",
    "jedes", "jener", "dieses", "manches", "alles", "nichts", "etwas", "genug", "zuviel", "daheim", "draußen",
];

pub(super) const QUALITIES: &[&str] = &[
    "alte", "junge", "große", "kleine", "stille", "laute", "helle", "dunkle", "schwere", "leichte", "warme", "kalte",
    "treue", "falsche", "freie", "enge", "weite", "tiefe", "hohe", "flache", "süße", "bittre", "klare", "trübe",
    "reiche", "arme", "schöne", "müde", "wache", "kühne", "bange", "frohe", "graue", "grüne", "blaue", "rote",
    "goldne", "silberne", "eiserne", "hölzerne", "steinerne", "gläserne", "letzte", "erste", "fremde", "liebe",
    "nasse", "trockne", "runde", "krumme", "gerade", "scharfe", "stumpfe", "sanfte", "wilde", "zahme", "späte",
    "frühe", "lange", "kurze", "volle", "leere", "rechte", "linke", "ganze", "halbe", "neue", "ferne", "nahe",
    "köstliche", "redliche", "höfliche", "tägliche", "nächtliche", "heimliche", "ehrliche", "künftige", "vergangne",
];

pub(super) const THINGS: &[&str] = &[
    "Wind", "Meer", "Schiff", "Hafen", "Stern", "Mond", "Sonne", "Erde", "Stein", "Baum", "Wald", "Feld", "Garten",
    "Rose", "Apfel", "Brot", "Wein", "Wasser", "Feuer", "Rauch", "Nebel", "Regen", "Schnee", "Winter", "Sommer",
    "Frühling", "Herbst", "Morgen", "Abend", "Stunde", "Jahr", "Zeit", "Uhr", "Glocke", "Turm", "Stadt", "Dorf",
    "Straße", "Brücke", "Mühle", "Müller", "Schmied", "Fischer", "Bauer", "König", "Königin", "Bettler", "Schreiber",
    "Bote", "Wächter", "Nachbar", "Bruder", "Schwester", "Mutter", "Vater", "Kind", "Freund", "Feind", "Gast", "Wirt",
    "Auge", "Ohr", "Mund", "Fuß", "Stirn", "Wange", "Stimme", "Lied", "Geige", "Flöte", "Trommel", "Tanz", "Spiel",
    "Würfel", "Karte", "Brief", "Feder", "Tinte", "Papier", "Buch", "Seite", "Zeile", "Wort", "Frage", "Antwort",
    "Lüge", "Wahrheit", "Hoffnung", "Furcht", "Freude", "Trauer", "Mühe", "Arbeit", "Ruhe", "Schlaf", "Traum",
    "Kammer", "Fenster", "Tür", "Schlüssel", "Schloß", "Treppe", "Keller", "Dach", "Ofen", "Tisch", "Stuhl", "Bett",
    "Mantel", "Hut", "Schuh", "Gürtel", "Kette", "Ring", "Krone", "Münze", "Beutel", "Messer", "Löffel", "Teller",
    "Krug", "Becher", "Faß", "Pferd", "Hund", "Katze", "Vogel", "Krähe", "Eule", "Fisch", "Biene", "Käfer", "Spinne",
    "Netz", "Faden", "Nadel", "Segel", "Ruder", "Anker", "Welle", "Ufer", "Insel", "Ferne", "Fremde", "Heimat",
    "Grenze", "Wagen", "Rad", "Weg", "Hügel", "Gebirge", "Quelle", "Bach", "Fluß", "See", "Höhle", "Schatten", "Glanz",
];

pub(super) const DEEDS: &[&str] = &[
    "geht", "kommt", "steht", "liegt", "sieht", "hört", "ruft", "singt", "spricht", "schweigt", "lacht", "weint",
    "sucht", "findet", "nimmt", "gibt", "hält", "läßt", "trägt", "bringt", "zieht", "treibt", "fällt", "steigt",
    "sinkt", "wächst", "blüht", "welkt", "brennt", "leuchtet", "glüht", "erlischt", "weht", "rauscht", "klingt",
    "schläft", "träumt", "wacht", "wartet", "hofft", "glaubt", "zweifelt", "fürchtet", "liebt", "haßt", "vergißt",
    "denkt", "weiß", "fragt", "lehrt", "lernt", "schreibt", "liest", "zählt", "mißt", "baut", "bricht", "flickt",
    "webt", "spinnt", "mahlt", "backt", "kocht", "trinkt", "kauft", "verkauft", "schenkt", "stiehlt", "schwört",
    "betrügt", "verzeiht", "kämpft", "flieht", "siegt", "verliert", "reitet", "wandert", "segelt", "kehrt", "bleibt",
    "öffnet", "schließt", "rührt", "führt", "folgt", "dient", "herrscht", "gehorcht", "versäumt", "erwägt", "begehrt",
];

/// Line endings; those of one group rhyme.
pub(super) const RHYMES: &[&[&str]] = &[
    &["Nacht", "Macht", "Pracht", "gedacht", "erwacht", "gebracht", "vollbracht", "Wacht", "gelacht"],
    &["Herz", "Schmerz", "Scherz", "Erz", "himmelwärts", "März"],
    &["Licht", "nicht", "Gesicht", "Pflicht", "Gericht", "Gedicht", "bricht", "spricht", "verflicht"],
    &["Haus", "hinaus", "Strauß", "Maus", "voraus", "Graus", "daraus"],
    &["Hand", "Land", "Sand", "Verstand", "Wand", "fand", "Rand", "Strand", "verschwand", "Gewand"],
    &["Zeit", "weit", "bereit", "Leid", "Kleid", "Streit", "Ewigkeit", "Einsamkeit", "Heiterkeit"],
    &["Grund", "Mund", "Stund", "Bund", "Hund", "gesund", "kund", "Fund"],
    &["sein", "allein", "hinein", "Schein", "Wein", "Stein", "mein", "klein", "Rhein", "überein"],
    &["Mut", "Blut", "Glut", "gut", "Hut", "Flut", "ruht", "Wut", "tut"],
    &["Leben", "geben", "streben", "eben", "schweben", "beben", "Reben", "vergeben", "erheben"],
    &["Welt", "Geld", "Feld", "gefällt", "erhellt", "Held", "bestellt", "zerschellt", "Zelt"],
    &["Not", "Brot", "Tod", "rot", "Boot", "Gebot", "Morgenrot", "bedroht"],
    &["Glück", "zurück", "Stück", "Blick", "Geschick", "Augenblick", "Strick"],
    &["gehen", "stehen", "sehen", "verstehen", "geschehen", "wehen", "drehen", "flehen"],
    &["Traum", "Baum", "Raum", "Schaum", "kaum", "Saum"],
    &["Ziel", "Spiel", "viel", "fiel", "Stil", "gefiel"],
    &["Tage", "Klage", "Frage", "sage", "Plage", "Sage", "Waage", "Lage"],
    &["Wege", "Pflege", "rege", "Stege", "träge", "Schläge"],
    &["hören", "schwören", "stören", "betören", "gehören", "zerstören"],
    &["blühen", "glühen", "Mühen", "ziehen", "fliehen", "bemühen"],
    &["Lüfte", "Düfte", "Klüfte", "Grüfte", "Hüfte"],
    &["Wind", "Kind", "sind", "blind", "geschwind", "Gesind", "beginnt"],
    &["Ruh", "dazu", "du", "zu", "immerzu", "Schuh"],
    &["Ort", "Wort", "fort", "dort", "Hort", "sofort", "Mord"],
    &["Sterne", "Ferne", "gerne", "Laterne", "Kerne", "lerne"],
    &["Wellen", "Quellen", "gesellen", "hellen", "Stellen", "schnellen"],
    &["Garten", "warten", "zarten", "Karten", "harten", "erwarten"],
    &["Brücke", "Stücke", "Lücke", "Tücke", "Mücke", "Blicke"],
    &["schwer", "Meer", "leer", "mehr", "her", "sehr", "umher", "Heer"],
    &["Krone", "Lohne", "Throne", "Sohne", "wohne", "Tone"],
];

pub(super) const SPEAKERS: &[&str] = &[
    "DER MÜLLER", "DIE FISCHERIN", "DER WÄCHTER", "CHOR", "DER KÖNIG", "DIE KRÄHE", "DER SCHREIBER", "EINE STIMME",
    "DER BETTLER", "DIE WIRTIN", "ALLE", "DER BOTE",
];
