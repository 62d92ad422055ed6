/*
 * What the engine and the program around it both know. Read by TypeScript and by AssemblyScript,
 * so there is nothing in it but numbers.
 */

// <rules>
// Made by `node tools/rules.ts` from src/endpoints/rules: the numbers of rules, and of the variants of each.
export const fileEmpty = 0;
export const fileEmptyFile = 0;
export const fileEmptyHeader = 1;
export const fileEncoding = 1;
export const fileEncodingByte = 0;
export const fileEncodingOther = 1;
export const fileBom = 2;
export const fileCompressed = 3;
export const fileTooLarge = 4;
export const fileJsonArray = 5;
export const fileJsonArrayArray = 0;
export const fileJsonArraySpread = 1;
export const fileMixedFormats = 6;
export const csvDelimiter = 7;
export const csvHeaderUnknown = 8;
export const csvHeaderEmpty = 9;
export const csvHeaderSpace = 10;
export const csvHeaderDuplicate = 11;
export const csvHeaderResponseOnly = 12;
export const csvColumnCount = 13;
export const csvQuote = 14;
export const csvQuoteInside = 0;
export const csvQuoteNeverClosed = 1;
export const csvQuoteTextBehind = 2;
export const csvQuoteOpenInHeader = 3;
export const csvLineBreak = 15;
export const csvLineBreakValue = 0;
export const csvLineBreakName = 1;
export const csvLineBreakOnlyReturns = 2;
export const csvTab = 16;
export const csvTabValue = 0;
export const csvTabName = 1;
export const csvBlankLine = 17;
export const csvBlankLineBetweenRecords = 0;
export const csvBlankLineBeforeHeader = 1;
export const jsonSyntax = 18;
export const jsonSyntaxCut = 0;
export const jsonSyntaxObject = 1;
export const jsonSyntaxName = 2;
export const jsonSyntaxColon = 3;
export const jsonSyntaxValue = 4;
export const jsonSyntaxMember = 5;
export const jsonSyntaxElement = 6;
export const jsonSyntaxString = 7;
export const jsonSyntaxEscape = 8;
export const jsonSyntaxDigit = 9;
export const jsonSyntaxLineEnd = 10;
export const jsonSyntaxLineFeed = 11;
export const jsonNotObject = 19;
export const jsonDuplicateKey = 20;
export const jsonUnknownMember = 21;
export const jsonUnknownMemberUnknown = 0;
export const jsonUnknownMemberDotted = 1;
export const jsonResponseOnly = 22;
export const jsonType = 23;
export const jsonTypeValue = 0;
export const jsonTypeElement = 1;
export const jsonTypeObject = 2;
export const jsonBlankLine = 24;
export const channelTypeMissing = 25;
export const channelTypeUnknown = 26;
export const channelTypePush = 27;
export const addressMissing = 28;
export const addressMissingNewEndpoint = 0;
export const addressMissingUpdate = 1;
export const addressEmail = 29;
export const addressPhone = 30;
export const addressToken = 31;
export const addressDuplicate = 32;
export const optOutUnknown = 33;
export const endpointInactive = 34;
export const countryUnknown = 35;
export const countryAlpha3 = 36;
export const localeForm = 37;
export const timezoneUnknown = 38;
export const latitudeRange = 39;
export const latitudeRangeOutOfRange = 0;
export const latitudeRangeNotANumber = 1;
export const longitudeRange = 40;
export const longitudeRangeOutOfRange = 0;
export const longitudeRangeNotANumber = 1;
export const locationUnpaired = 41;
export const effectiveDateForm = 42;
export const metricNotNumber = 43;
export const valueTooLong = 44;
export const valueBlanks = 45;
export const idCharacters = 46;
export const idDuplicate = 47;
export const idOnly = 48;
export const userIdsSpaces = 49;
export const nameTooLong = 50;
export const nameCharacters = 51;
export const tooManyValues = 52;
export const tooManyAttributes = 53;
export const tooManyEndpointsPerUser = 54;
export const recordTooLarge = 55;
export const recordTooLargeTooLarge = 0;
export const recordTooLargeNotRead = 1;
export const checkIncomplete = 56;
export const checkIncompleteForbidden = 0;
export const checkIncompleteFull = 1;
export const checkIncompleteFailed = 2;
export const checkIncompleteTooMany = 3;
export const checkIncompleteHeader = 4;
export const ruleCount = 57;
// </rules>

export const severityError = 0;
export const severityWarning = 1;
export const severityInfo = 2;

// Forms of values.
export const formatText = 0;
export const formatAddress = 1;
export const formatChannelType = 2;
export const formatOptOut = 3;
export const formatCountry = 4;
export const formatLocale = 5;
export const formatTimezone = 6;
export const formatLatitude = 7;
export const formatLongitude = 8;
export const formatDate = 9;
export const formatNumber = 10;
export const formatId = 11;
export const formatUserId = 12;
/** From here on values are not judged, and not counted as present. */
export const formatResponseOnly = 13;
export const formatIgnored = 14;
/** Only in responses like those before, but looked at. */
export const formatEndpointStatus = 15;
/** Added to the form of a value whose name is not right: it counts as present, but is not judged. */
export const formatMeant = 32;

// How a value was written.
/** Between quotes, which stand one byte before and behind it. */
export const flagQuoted = 1;
/** In CSV, with doubled quotes. */
export const flagDoubled = 2;
/** In JSON, with backslashes. */
export const flagEscaped = 4;
/** Of the wrong type: reported already, present, but not judged. */
export const flagWrong = 8;

// Limits: see `limits` in attributes.ts.
export const maxNameLength = 50;
export const maxValues = 50;
export const maxCustomNames = 250;
export const maxEndpoints = 15;
export const maxRecordBytes = 15360;

// What an Address has to be, by channel.
export const kindAny = 0;
export const kindEmail = 1;
export const kindPhone = 2;
export const kindToken = 3;

// The types of members in JSON.
export const typeString = 0;
export const typeNumber = 1;
export const typeStrings = 2;
/** Not judged: unknown, or only in responses. */
export const typeAny = 3;
export const typeObject = 4;

// What there is to say of a JSON name wherever it occurs: bits.
export const noteUnknown = 1;
export const noteResponseOnly = 2;
export const noteTooLong = 4;
export const noteCharacters = 8;

/** JSON names that are remembered: more than a project may have by far. */
export const maxKeys = 4096;
/** Places in JSON: names, and one for each kind of those that are not remembered. */
export const maxNamedColumns = 8192;

// Bytes of the structures in the engine's memory, and where in them fields are.
export const valueBytes = 16;
export const valueColumn = 0;
export const valueStart = 4;
export const valueEnd = 8;
export const valueFlags = 12;

/** A cell that is kept to be counted: where it starts, then its length and, in the lowest bits, its flags. */
export const cellBytes = 8;
export const cellFlagBits = 4;
/** So many bytes of cells are counted at a time: what the nearest cache has room for. */
export const maxRowBytes = 8192;
/** A list of cells, which begins at a multiple of this. */
export const listBytes = 512;

export const columnBytes = 16;
export const columnFormat = 0;
export const columnLimit = 4;
export const columnGroup = 8;
/** Values of so many bytes or fewer need no judgement; -1 where all do. */
export const columnShort = 12;

export const keyBytes = 48;
export const keyScope = 0;
export const keyColumn = 4;
export const keyObject = 8;
export const keyType = 12;
export const keyNotes = 16;
export const keySeen = 20;
export const keyHash = 24;
export const keyName = 28;
export const keyNameEnd = 32;
export const keyCustom = 36;
/** The name that came before it in the same object, or -1. */
export const keyNext = 40;

export const findingBytes = 32;
export const findingCode = 0;
export const findingSeverity = 4;
export const findingStart = 8;
export const findingEnd = 12;
export const findingLine = 16;
export const findingLineStart = 20;
export const findingColumn = 24;
export const findingVariant = 28;

export const factBytes = 80;
export const factLine = 0;
export const factLineStart = 4;
/** Of each fact: the hash, and where the value stands with its quotes. An end of 0 is none. */
export const factId = 8;
export const factAddress = 32;
export const factUser = 56;
export const factValueBytes = 24;
export const factHash = 0;
export const factStart = 16;
export const factEnd = 20;

/** Bytes behind the text that may be read, and that the sentinel takes. */
export const slack = 128;

/** Random bytes that hashes of a file are keyed with: see hash128. */
export const hashKeyBytes = 1120;

// Statistics of an attribute: see statistics.ts.
/** Attributes that are counted each by itself: those that there are, and as many custom ones as a project may have. */
export const maxStatistics = 288;
/** Distinct values that are counted one by one. */
export const maxExact = 1024;
export const tablePlaces = 2048;
/** Bits of a hash that choose a register. */
export const registerBits = 14;
export const registerCount = 16384;
/** Bytes for one value as text, the first of them its length. */
export const statisticTextBytes = 64;
/** Distinct values that are kept as text, of attributes that may have any value. */
export const fewTexts = 32;
export const manyTexts = 1024;
export const statisticPoolBytes = 1572864;

export const statisticOfTexts = 0;
/** Texts in which upper and lower case are not told apart. */
export const statisticOfIds = 1;
/** Numbers that are summed up, and from here on all kinds of numbers. */
export const statisticOfNumbers = 2;
export const statisticOfCoordinates = 3;

export const statisticRecord = 0;
export const statisticKind = 4;
export const statisticFilled = 8;
/** Values beyond the first of a record, and values of the wrong type. */
export const statisticMore = 12;
export const statisticWrong = 68;
/** Values of so many bytes or fewer are neither the longest nor near the limit. */
export const statisticShort = 16;
/** The same of values that are counted the usual way. */
export const statisticUsual = 104;
export const statisticLimit = 20;
export const statisticNear = 24;
export const statisticLongest = 28;
export const statisticNearCount = 32;
export const statisticOver = 36;
/** 1 where distinct values are estimated by registers. */
export const statisticEstimates = 40;
export const statisticDistinct = 44;
export const statisticTexts = 48;
export const statisticTextRoom = 52;
export const statisticTextCount = 56;
export const statisticNumbers = 64;
export const statisticMin = 72;
export const statisticMax = 80;
export const statisticSum = 88;
export const statisticCompensation = 96;
/** Where the table is, one less than its places, and where the registers are. */
export const statisticTable = 108;
export const statisticMask = 112;
export const statisticRegisters = 116;
/** The lowest rank of all registers, and how many have it. */
export const statisticMinRank = 120;
export const statisticMinRankCount = 124;
/** The first and the last column with its values, in CSV; see nextColumns. */
export const statisticFirstColumn = 128;
export const statisticLastColumn = 132;
/** Where the list of its cells ends, in NDJSON. */
export const statisticListEnd = 136;
/** What is left of the trust that most values have a short cut: each value is worth a quarter, each without one takes one. */
export const statisticTrust = 140;
export const maxTrust = 4096;
/** The first table of an attribute: small, so that those of all attributes are near each other. */
export const statisticFirstTable = 192;
export const firstPlaces = 64;
export const maxInFirst = 32;
/** With the first table. */
export const statisticBytes = 1216;
/** An entry: a hash, how often its value occurred, and the number of its text. */
export const statisticEntryBytes = 16;
export const tableBytes = 32768;
/** A short cut to an entry of the table: a value of up to fifteen bytes, its length in the last one, and where the entry is. */
export const shortCutBytes = 32;
export const shortCutBits = 6;
export const shortCutsBytes = 2048;
/** Bytes of what is counted of all attributes, then of all second tables, all registers, all texts and all short cuts. */
export const statisticsBytes = 350208;
export const tablesBytes = 9437184;
export const registersBytes = 4718592;
export const allShortCutsBytes = 589824;

/** Users by their number of endpoints: 1 to 15, then 16 or more. */
export const userCounts = 17;
