package policy

// Decode shows the tests how a lead is read for a report.
var Decode = decode
