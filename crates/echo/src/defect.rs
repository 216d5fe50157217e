//! The table of defects: each is one behaviour broken on purpose, to prove that a case can fail.

use std::fmt;
use std::str::FromStr;

macro_rules! defects {
    ($($variant:ident $name:literal $describe:literal)*) => {
        /// One behaviour broken on purpose; everything else stays conformant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Defect {
            $(#[doc = $describe] $variant,)*
        }

        impl Defect {
            /// Every defect, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the command line, in kebab case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it does, in one sentence.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $describe),* }
            }
        }
    };
}

defects! {
    // The opening handshake, as a server.
    BadAccept "bad-accept" "Answers with an accept value that belongs to another key."
    WrongStatus200 "wrong-status-200" "Answers a correct upgrade request with 200 instead of 101."
    ExtraExtension "extra-extension" "Names an extension in the response that was not offered."
    ExtraSubprotocol "extra-subprotocol" "Names a sub-protocol in the response that was not offered."
    SubprotocolIgnoresCase "subprotocol-ignores-case" "Compares sub-protocol names without regard to case."
    AnswersBeforeEnd "answers-before-end" "Sends 101 before the blank line that ends the request."
    AcceptsAnyRequest "accepts-any-request" "Answers 101 to every request, however malformed."
    RefusesEveryRequest "refuses-every-request" "Refuses correct upgrade requests with 400."
    DropsBadRequest "drops-bad-request" "Ends TCP without an HTTP answer to a bad request."
    HangsOnBadRequest "hangs-on-bad-request" "Neither answers a bad request nor ends TCP."
    BareRefusal "bare-refusal" "Refuses without Sec-WebSocket-Version, Upgrade, Allow or WWW-Authenticate."
    PongsBehindRefusal "pongs-behind-refusal" "Takes octets behind a refused request for frames."
    ResponseLacksUpgrade "response-lacks-upgrade" "Leaves Upgrade out of the 101 response."
    ResponseLacksConnection "response-lacks-connection" "Leaves Connection out of the 101 response."
    ResponseRepeatsAccept "response-repeats-accept" "Puts Sec-WebSocket-Accept into the 101 response twice."
    ResponseBareLf "response-bare-lf" "Ends the lines of the 101 response with a bare LF."
    SingleFieldLine "single-field-line" "Reads only the first line of a field that is split over several."
    ExactTokens "exact-tokens" "Wants Upgrade and Connection to be exactly websocket and Upgrade."
    // The opening handshake, as a client.
    AcceptsAnyResponse "accepts-any-response" "As a client, takes every response for a successful opening."
    FixedNonce "fixed-nonce" "As a client, sends the same Sec-WebSocket-Key on every connection."
    RequestLacksHost "request-lacks-host" "As a client, leaves Host out of the request."
    TalksBeforeResponse "talks-before-response" "As a client, sends a frame before the response is there."
    FixedMaskKey "fixed-mask-key" "As a client, masks every frame with the same key."
    // Being there at all.
    Silent "silent" "Never sends anything after the opening handshake."
    DropOnFirstFrame "drop-on-first-frame" "Ends TCP when the first frame arrives."
    CloseAtOnce "close-at-once" "Sends Close 1002 right after the opening handshake."
    EchoEverything "echo-everything" "Sends every frame back as it is, control frames and violations included."
    NoEcho "no-echo" "Answers control frames but never echoes a message."
    LosesSplitHeaders "drops-message-split-octetwise" "Loses the octets of a header that does not arrive in one piece."
    // Frames.
    IgnoresRsv "ignores-rsv" "Takes frames with any reserved bits."
    IgnoresReservedOpcodes "ignores-reserved-opcodes" "Passes over frames with reserved opcodes."
    EchoesReserved "echoes-reserved" "Takes reserved opcodes for messages and echoes them."
    AcceptsUnmasked "accepts-unmasked" "Takes frames with wrong masking: unmasked as a server, masked as a client."
    AcceptsTopBit "accepts-top-bit" "Waits for the payload of a length with its top bit set."
    NoSizeLimit "no-size-limit" "Waits for any announced length instead of failing with 1009."
    RejectsLongLengths "rejects-64-bit-lengths" "Fails every frame with a 64-bit length."
    RejectsZeroKey "rejects-zero-key" "Fails frames whose masking key is zero."
    MasksItsFrames "masks-its-frames" "Masks as a server, or sends unmasked as a client."
    SetsRsv "sets-rsv" "Sets RSV2 on the data frames it sends."
    SendsReservedOpcode "sends-reserved-opcode" "Echoes under opcode 3."
    NonMinimalLength "non-minimal-length" "Sends every length in the 64-bit form."
    SendsLongControl "sends-long-control" "Pads its Pongs to 126 octets."
    SendsFragmentedControl "sends-fragmented-control" "Sends Pongs without FIN."
    SendsOrphan "sends-orphan" "Echoes under opcode 0."
    // Control frames.
    AcceptsLongControl "accepts-long-control" "Takes control frames of more than 125 octets."
    AcceptsFragmentedControl "accepts-fragmented-control" "Takes control frames without FIN."
    NoPong "no-pong" "Never answers a Ping."
    PongWrongPayload "pong-wrong-payload" "Answers a Ping with changed application data."
    PongEmpty "pong-empty" "Answers a Ping without its application data."
    PongToPong "pong-to-pong" "Answers a Pong with a Pong."
    PongFirstOnly "pong-first-only" "Answers only the first Ping of the connection."
    PongsReversed "pongs-reversed" "Answers Pings that arrive together in reverse order."
    PongDeferred "pong-deferred" "Answers Pings only when no fragmented message is in progress."
    RejectsPingPayload "rejects-ping-payload" "Fails on a Ping with application data."
    RejectsPong "rejects-unsolicited-pong" "Fails on a Pong."
    RejectsControlInMessage "rejects-control-in-message" "Fails on a control frame between fragments."
    // Fragmentation.
    OrphanContinuationAccepted "orphan-continuation-accepted" "Takes a continuation frame for the start of a message."
    InterleavedAccepted "interleaved-accepted" "Takes a new message inside an unfinished one."
    FragmentLost "fragment-lost" "Drops the fragments between the first and the last."
    RejectsFragments "rejects-fragments" "Fails on fragmented messages."
    RejectsEmptyFragment "rejects-empty-fragment" "Fails on fragments without payload."
    RejectsEmptyMessage "rejects-empty-message" "Fails on messages without payload."
    // Echoing.
    TypeLost "type-lost" "Echoes text as binary and binary as binary."
    BinaryAsText "binary-as-text" "Wants binary messages to be UTF-8."
    EchoFlipsByte "echo-flips-byte" "Changes one octet of every echo."
    EchoTruncates "echo-truncates" "Drops the last octet of every echo."
    EchoTwice "echo-twice" "Echoes every message twice."
    LargeLimit64k "large-limit-64k" "Fails messages over 64 KiB with 1009."
    LargeFrameCorrupt "large-frame-corrupt" "Changes one octet of messages over 65535 octets."
    // UTF-8.
    NoUtf8 "no-utf8" "Does not validate text at all."
    Utf8Late "utf8-late" "Validates text only when the message is complete."
    Utf8PerFrame "utf8-per-frame" "Validates each frame by itself, so that a character cut by frames fails."
    Utf8AcceptsCutEnd "utf8-accepts-cut-end" "Takes text that ends inside a character."
    Utf8AcceptsSurrogates "utf8-accepts-surrogates" "Takes encoded surrogates."
    Utf8AcceptsOverlong "utf8-accepts-overlong" "Takes overlong forms."
    Utf8AcceptsBeyond "utf8-accepts-beyond-10ffff" "Takes code points beyond U+10FFFF, and forms of five and six octets."
    Utf8RejectsNoncharacters "utf8-rejects-noncharacters" "Fails on non-characters such as U+FFFE."
    Utf8StripsBom "utf8-strips-bom" "Drops a byte order mark at the start of a text."
    EchoesBadUtf8 "echoes-bad-utf8" "Appends octet FF to every text it echoes."
    // Closing.
    CloseNotAnswered "close-not-answered" "Does not answer a Close and keeps TCP open."
    CloseEmptyAlways "close-empty-always" "Answers every Close without a code."
    CloseWrongCode "close-wrong-code" "Answers every Close with 3999."
    CloseAcceptsBadCodes "close-accepts-bad-codes" "Takes and repeats codes that must not be sent."
    CloseAcceptsOneOctet "close-accepts-one-octet" "Takes a Close body of one octet."
    CloseAcceptsBadReason "close-accepts-bad-utf8-reason" "Takes a reason that is not UTF-8."
    CloseRejectsRegistered "close-rejects-registered" "Fails on 1012 to 1014."
    CloseRejectsPrivate "close-rejects-private" "Fails on 3000 to 4999."
    CloseInvents1005 "close-invents-1005" "Answers an empty Close with code 1005."
    CloseOneOctet "close-one-octet" "Sends Close bodies of one octet."
    CloseBadReason "close-bad-reason" "Sends Close reasons that are not UTF-8."
    CloseTwice "close-twice" "Sends its Close twice."
    EchoLateClose "echo-late-close" "Goes on reading and echoing after the Closes."
    TextAfterClose "text-after-close" "Sends a text behind its Close."
    CloseNoTcpEnd "close-no-tcp-end" "Never ends TCP itself."
    NoCloseJustDrop "no-close-just-drop" "Fails by ending TCP without a Close; legal, but worth a note."
    FailsWith1000 "fails-with-1000" "Fails with code 1000."
    // permessage-deflate.
    DeflateIgnoresTakeover "deflate-ignores-takeover" "Refers to earlier messages although that was given up."
    DeflateIgnoresWindow "deflate-ignores-window" "Compresses with 32 KiB whatever window was agreed."
    DeflateUncompressed "deflate-uncompressed" "Agrees on compression and never compresses."
    DeflateForgetsWindow "deflate-forgets-window" "Inflates each message with an empty window."
    DeflateAcceptsRsv1Continuation "deflate-accepts-rsv1-continuation" "Takes RSV1 on continuation frames."
    DeflateAcceptsRsv1Control "deflate-accepts-rsv1-control" "Takes RSV1 on control frames."
    DeflateRejectsFragmented "deflate-rejects-fragmented" "Fails on compressed messages in fragments."
    DeflateRejectsPlain "deflate-rejects-plain" "Fails on uncompressed messages once compression is agreed."
    DeflateIgnoresErrors "deflate-ignores-errors" "Echoes what could be inflated of invalid data."
    DeflateRsv1OnContinuation "deflate-rsv1-on-continuation" "Sends compressed messages in fragments that all have RSV1."
    DeflateCorrupt "deflate-corrupt" "Sends compressed data that cannot be inflated."
    DeflateMarksPlain "deflate-marks-plain" "Sets RSV1 on messages that are not compressed."
    DeflateAcceptsBadOffers "deflate-accepts-bad-offers" "Accepts malformed offers of permessage-deflate."
    DeflateOmitsParameters "deflate-omits-parameters" "Accepts offers without repeating the parameters it must."
    DeflateUnaskedWindow "deflate-unasked-client-window" "Answers `client_max_window_bits` when it was not offered."
    DeflateAnswersTwice "deflate-answers-twice" "Puts two permessage-deflate elements into the response."
    DeflateWindowBeyondOffer "deflate-window-beyond-offer" "Answers `server_max_window_bits=15` to a smaller offer."
}

impl Defect {
    const fn bit(self) -> u128 {
        1 << self as u8
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no defect has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDefect(pub String);

impl fmt::Display for UnknownDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no defect is called {:?}", self.0)
    }
}

impl std::error::Error for UnknownDefect {}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        Self::ALL
            .iter()
            .copied()
            .find(|defect| defect.name() == name)
            .ok_or_else(|| UnknownDefect(name.to_owned()))
    }
}

/// A set of defects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Defects(u128);

impl Defects {
    /// No defect.
    pub const NONE: Self = Self(0);

    /// Whether nothing is broken.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `defect` is in the set.
    pub const fn has(self, defect: Defect) -> bool {
        self.0 & defect.bit() != 0
    }

    /// The set with `defect`.
    pub const fn with(self, defect: Defect) -> Self {
        Self(self.0 | defect.bit())
    }

    /// The defects of the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Defect> {
        Defect::ALL
            .iter()
            .copied()
            .filter(move |defect| self.has(*defect))
    }
}

impl From<Defect> for Defects {
    fn from(defect: Defect) -> Self {
        Self::NONE.with(defect)
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Self::NONE, Self::with)
    }
}

// A set is one word of bits.
const _: () = assert!(Defect::ALL.len() <= 128);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for (i, defect) in Defect::ALL.iter().enumerate() {
            assert_eq!(defect.name().parse(), Ok(*defect), "name {i} is taken twice");
            assert!(defect.describe().ends_with('.'));
        }
        assert!("no-such".parse::<Defect>().is_err());
    }

    #[test]
    fn sets_hold_what_is_put_in() {
        let set: Defects = [Defect::Silent, Defect::NoPong].into_iter().collect();
        assert_eq!(set.iter().count(), 2);
        assert!(set.has(Defect::NoPong) && !set.has(Defect::NoUtf8) && Defects::NONE.is_empty());
    }
}
