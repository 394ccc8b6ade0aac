"""Every rule of the comparison between the tiers."""

from typing import Final

from lockstitch.findings import Rule

COLUMN_RULES: Final = (
    Rule("unknown-table", "A model is declared to be stored in a table that there is not."),
    Rule("unknown-column", "A field has no column."),
    Rule("unknown-field", "A declaration names a field that the model does not have."),
    Rule(
        "unfilled-column",
        "A column that needs a value gets none from the model that is inserted.",
        "Name it under `filled=` of `stored_in` where the application fills it by itself.",
    ),
    Rule("generated-column", "A request sets a column that Postgres computes."),
    Rule(
        "nullable-column",
        "A column may be null and the field that answers it may not.",
        "The first row with a null makes the route answer 500.",
    ),
    Rule(
        "nullable-field",
        "A field may be null and its column may not.",
        "In a request the null ends in an error of the database; in an answer it makes the front "
        "end check for what never comes.",
    ),
    Rule("column-type", "A field and its column are of different types."),
    Rule("listed-values", "A field and its column do not list the same values."),
    Rule("length", "A field and its column allow texts of different lengths."),
    Rule("range", "A field and its column allow different numbers."),
    Rule("item-count", "A field and its column allow different numbers of items."),
    Rule(
        "unsafe-integer",
        "A column of 64 bits leaves as a number, of which JavaScript keeps 53 bits.",
        "2^53 + 1 arrives as 2^53. Send it as a text.",
    ),
    Rule("lossy-decimal", "Exact decimals become binary numbers on their way."),
    Rule(
        "naive-time",
        "A time with a zone and one without are mixed.",
        "Without an offset, JavaScript takes a time for local time of the browser.",
    ),
    Rule("different-default", "A field and its column have different defaults."),
)

POLICY_RULES: Final = (
    Rule("table-without-rls", "A table that the API exposes has no row-level security."),
    Rule("view-bypasses-rls", "A view that the API exposes reads with the rights of its owner."),
    Rule(
        "grant-without-policy",
        "A role may use a verb on a table and no policy lets it see a row.",
        "Either a policy was dropped, or the grant is more than is needed.",
    ),
    Rule("policy-without-grant", "A policy concerns a role that may not use the verb at all."),
    Rule("anonymous-grant", "Callers without identity may use a table that no public route needs."),
    Rule(
        "policy-without-claim",
        "A policy of a table whose rows belong to somebody does not ask who is calling.",
    ),
    Rule("editable-claim", "A policy trusts a claim that people can change themselves."),
    Rule("unknown-claim", "A policy reads a claim that the route's audience does not give."),
    Rule("claim-without-identity", "A route without identity needs a policy that reads a claim."),
    Rule("unreachable-table", "A route reads or writes a table that its role may not."),
    Rule("unbound-role", "A route without identity acts in a role that no policy binds."),
)

RULES: Final = (*COLUMN_RULES, *POLICY_RULES)
