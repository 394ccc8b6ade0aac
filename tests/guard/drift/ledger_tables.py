"""Drifts of the ledger's tables and models."""

from drift.mutant import by_code, by_sql

E = "public.expenses"
C = "public.comments"

NAMES = [
    by_sql(
        "a column is renamed",
        "alter table expenses rename title to heading",
        f"unknown-column {E}.title",
        f"unfilled-column {E}.heading",
    ),
    by_sql("a column is dropped", "alter table expenses drop weight", f"unknown-column {E}.weight"),
    by_sql("a table is renamed", "alter table comments rename to remarks", f"unknown-table {C}"),
    by_sql(
        "a joined column is renamed",
        "alter table companies rename name to title",
        f"unknown-column {E[:7]}companies.name",
    ),
    by_code(
        "a field is renamed",
        "    author_id: UUID",
        "    author: UUID",
        f"unknown-column {C}.author",
    ),
    by_code(
        "a declaration loses a name",
        '@stored_in("expenses", rename={"spent": "spent_on"}, filled',
        '@stored_in("expenses", filled',
        f"unknown-column {E}.spent",
        f"unfilled-column {E}.spent_on",
    ),
    by_code(
        "a declaration names another table",
        '@stored_in("exchange_rates")',
        '@stored_in("rates")',
        "unknown-table public.rates",
    ),
    by_code(
        "a declaration names no field",
        'computed={"overdue"}',
        'computed={"overdue", "late"}',
        f"unknown-field {E}.late",
    ),
    by_code(
        "a computed field is not declared",
        'computed={"overdue"}',
        "computed=()",
        f"unknown-column {E}.overdue",
    ),
    by_code(
        "a declaration fills no column",
        'filled=["expense_id", "author_id"]',
        'filled=["expense_id", "author_id", "site"]',
        f"unknown-column {C}.site",
    ),
    by_sql(
        "a column needs a value",
        "alter table expenses add approver uuid not null",
        f"unfilled-column {E}.approver",
    ),
    by_code(
        "a field is gone",
        "    spent: date\n    decided_at: AwareDatetime | None = None",
        "    decided_at: AwareDatetime | None = None",
        f"unfilled-column {E}.spent_on",
        f"unknown-field {E}.spent",
    ),
    by_sql(
        "a default is gone that the insert relies on",
        "alter table comments alter created_at drop default",
        f"unfilled-column {C}.created_at",
    ),
    by_code(
        "a request sets what Postgres computes",
        "    spent: date\n    decided_at: AwareDatetime | None =",
        "    spent: date\n    gross: Decimal = Decimal(0)\n    decided_at: AwareDatetime | None =",
        f"generated-column {E}.gross",
    ),
]

NULLS = [
    by_sql(
        "a column may be null",
        "alter table companies alter plan drop not null",
        "nullable-column public.companies.plan",
    ),
    by_sql(
        "a column of a list may be null",
        "alter table expenses alter tags drop not null",
        f"nullable-column {E}.tags",
    ),
    by_sql(
        "a column may be null no more",
        "alter table expenses alter submitted_by set not null",
        f"nullable-field {E}.submitted_by",
        f"unfilled-column {E}.submitted_by",
    ),
    by_sql(
        "a column needs what may be left out",
        "alter table expenses alter decided_at set not null",
        f"nullable-field {E}.decided_at",
    ),
    by_sql(
        "a listed column may be null no more",
        "alter table comments alter stars set not null",
        f"nullable-field {C}.stars",
    ),
    by_code(
        "an answer promises a value",
        "    submitted_by: UUID | None",
        "    submitted_by: UUID",
        f"nullable-column {E}.submitted_by",
    ),
    by_code(
        "a request takes null",
        "    body: str = Field(min_length=1, max_length=2000)",
        "    body: str | None = Field(default=None, min_length=1, max_length=2000)",
        f"nullable-field {C}.body",
    ),
    by_code(
        "an answer takes null",
        "    billable: bool\n",
        "    billable: bool | None\n",
        f"nullable-field {E}.billable",
    ),
]

LISTED = [
    by_sql(
        "an enum has one more value",
        "alter type payment add value 'cheque'",
        f"listed-values {E}.paid_by",
    ),
    by_sql(
        "a value of an enum is renamed",
        "alter type payment rename value 'cash' to 'coins'",
        f"listed-values {E}.paid_by",
    ),
    by_sql(
        "a check is dropped",
        "alter table expenses drop constraint expenses_state_check",
        f"listed-values {E}.state",
    ),
    by_sql(
        "a check has one more value",
        "alter table expenses drop constraint expenses_state_check, add check"
        " (state in ('draft', 'submitted', 'approved', 'paid'))",
        f"listed-values {E}.state",
    ),
    by_sql(
        "a check has one value less",
        "alter table expenses drop constraint expenses_state_check, add check"
        " (state in ('draft', 'submitted'))",
        f"listed-values {E}.state",
    ),
    by_sql(
        "a check of numbers has one more",
        "alter table comments drop constraint comments_stars_check, add check (stars in (1,2,3,4))",
        f"listed-values {C}.stars",
    ),
    by_code(
        "a Literal has one more value",
        '"submitted", "approved"]',
        '"submitted", "approved", "rejected"]',
        f"listed-values {E}.state",
    ),
    by_code(
        "a Literal has one value less",
        'Literal["free", "team", "enterprise"]',
        'Literal["free", "team"]',
        "listed-values public.companies.plan",
    ),
    by_code("an Enum's value is changed", '"transfer"', '"wire"', f"listed-values {E}.paid_by"),
    by_code(
        "a Literal becomes a text in an answer",
        "    state: State\n",
        "    state: str\n",
        f"listed-values {E}.state",
    ),
    by_code(
        "a Literal becomes a text in a request",
        '    state: State = "draft"',
        '    state: str = "draft"',
        f"listed-values {E}.state",
    ),
    by_code(
        "a Literal of numbers has one more",
        "    stars: Literal[1, 2, 3] | None = None",
        "    stars: Literal[1, 2, 3, 4] | None = None",
        f"listed-values {C}.stars",
    ),
]

LENGTHS = [
    by_sql(
        "a varchar is shorter",
        "alter table expenses alter title type varchar(100)",
        f"length {E}.title",
    ),
    by_sql(
        "a check allows less",
        "alter table comments drop constraint comments_body_check, add check (length(body) < 500)",
        f"length {C}.body",
    ),
    by_sql(
        "a check asks for more",
        "alter table expenses add check (char_length(title) >= 5)",
        f"length {E}.title",
    ),
    by_sql(
        "a column takes fewer items",
        "alter table expenses add check (cardinality(tags) < 5)",
        f"item-count {E}.tags",
    ),
    by_code("a field is longer", "=3, max_length=200", "=3, max_length=300", f"length {E}.title"),
    by_code(
        "a field has no end", "min_length=3, max_length=200", "min_length=3", f"length {E}.title"
    ),
    by_code(
        "a field may be empty",
        "min_length=1, max_length=2000",
        "max_length=2000",
        f"length {C}.body",
    ),
    by_code(
        "a field takes more items",
        "Field(max_length=10)",
        "Field(max_length=20)",
        f"item-count {E}.tags",
    ),
    by_code(
        "a field is longer than its domain",
        "min_length=3, max_length=3",
        "min_length=3, max_length=4",
        f"length {E}.currency",
    ),
    by_code(
        "an answer is shorter",
        "    name: str\n    plan",
        "    name: Title\n    plan",
        "length public.companies.name",
    ),
]

RANGES = [
    by_sql(
        "an integer is smaller",
        "alter table expenses alter distance_metres type smallint",
        f"range {E}.distance_metres",
    ),
    by_sql(
        "a check allows less",
        "alter table expenses add check (distance_metres <= 1000)",
        f"range {E}.distance_metres",
    ),
    by_sql(
        "a decimal has fewer digits",
        "alter table expenses drop gross, alter amount type numeric(8, 2),"
        " add gross numeric(14, 2) generated always as (amount * 1.2) stored",
        f"range {E}.amount",
    ),
    by_sql(
        "a check asks for more",
        "alter table expenses add check (amount >= 10)",
        f"range {E}.amount",
    ),
    by_sql(
        "a float gets an end", "alter table expenses add check (weight < 100)", f"range {E}.weight"
    ),
    by_code("a bound is gone", "ge=0, le=100_000_000", "ge=0", f"range {E}.distance_metres"),
    by_code("a decimal may be negative", "Field(gt=0, max", "Field(max", f"range {E}.amount"),
    by_code(
        "a bound lets its number in", "Field(gt=0, max", "Field(ge=0, max", f"range {E}.amount"
    ),
    by_code(
        "a float may be negative",
        "weight: float | None = Field(default=None, ge=0)",
        "weight: float | None = None",
        f"range {E}.weight",
    ),
    by_code(
        "an answer has a bound",
        "    distance_metres: int | None\n",
        "    distance_metres: Annotated[int, Field(le=1000)] | None\n",
        f"range {E}.distance_metres",
    ),
]

TYPES = [
    by_sql(
        "a date becomes a moment",
        "alter table expenses alter spent_on type timestamptz",
        f"column-type {E}.spent_on",
    ),
    by_sql(
        "a boolean becomes a text",
        "alter table expenses alter billable drop default, alter billable type text",
        f"column-type {E}.billable",
    ),
    by_sql(
        "a list becomes a text",
        "alter table expenses drop constraint expenses_tags_check, alter tags drop default,"
        " alter tags type text",
        f"column-type {E}.tags",
    ),
    by_sql(
        "an interval becomes a text",
        "alter table expenses alter travel type text",
        f"column-type {E}.travel",
    ),
    by_sql(
        "an integer gets fractions",
        "alter table expenses alter distance_metres type numeric(12, 2)",
        f"column-type {E}.distance_metres",
    ),
    by_sql(
        "an object becomes a list",
        "alter table expenses drop constraint expenses_details_check, alter details drop default,"
        " add check (jsonb_typeof(details) = 'array')",
        f"column-type {E}.details",
    ),
    by_sql(
        "an integer has 64 bits",
        "alter table expenses drop constraint expenses_distance_metres_check,"
        " alter distance_metres type bigint",
        f"unsafe-integer {E}.distance_metres",
    ),
    by_sql(
        "a float becomes exact",
        "alter table expenses alter weight type numeric(12, 6)",
        f"lossy-decimal {E}.weight",
        f"range {E}.weight",
    ),
    by_sql(
        "a moment loses its zone",
        "alter table expenses alter decided_at type timestamp",
        f"naive-time {E}.decided_at",
    ),
    by_sql(
        "a decimal has fewer places",
        "alter table expenses drop gross, alter amount type numeric(12, 1)",
        f"lossy-decimal {E}.amount",
        f"unknown-column {E}.gross",
    ),
    by_code(
        "a text becomes a number", "    views: Count", "    views: int", f"unsafe-integer {E}.views"
    ),
    by_code(
        "an exact number becomes binary in an answer",
        "    amount: Decimal\n    gross",
        "    amount: float\n    gross",
        f"lossy-decimal {E}.amount",
    ),
    by_code(
        "an exact number becomes binary in a request",
        "    amount: Amount\n    currency",
        "    amount: Annotated[float, Field(gt=0, lt=1e10)]\n    currency",
        f"lossy-decimal {E}.amount",
    ),
    by_code(
        "a request has more places",
        "decimal_places=2",
        "decimal_places=4",
        f"lossy-decimal {E}.amount",
    ),
    by_code(
        "a request has no zone",
        "    decided_at: AwareDatetime | None = None",
        "    decided_at: datetime | None = None",
        f"naive-time {E}.decided_at",
    ),
    by_code(
        "a moment becomes a date",
        "    updated_at: AwareDatetime",
        "    updated_at: date",
        "column-type public.exchange_rates.updated_at",
    ),
    by_code(
        "an object becomes a list",
        "    details: dict[str, str]\n",
        "    details: list[str]\n",
        f"column-type {E}.details",
    ),
    by_code(
        "an id becomes a text",
        "    company_id: UUID",
        "    company_id: str",
        f"column-type {E}.company_id",
    ),
    by_code(
        "a rate becomes an integer",
        "    rate: Decimal",
        "    rate: int",
        "column-type public.exchange_rates.rate",
    ),
]

DEFAULTS = [
    by_sql(
        "the default of a text",
        "alter table expenses alter state set default 'submitted'",
        f"different-default {E}.state",
    ),
    by_sql(
        "the default of a boolean",
        "alter table expenses alter billable set default false",
        f"different-default {E}.billable",
    ),
    by_sql(
        "the default of a domain",
        "alter table expenses alter currency set default 'USD'",
        f"different-default {E}.currency",
    ),
    by_sql(
        "the default of a list",
        "alter table expenses alter tags set default '{new}'",
        f"different-default {E}.tags",
    ),
    by_code(
        "the default of a field",
        'Currency = "EUR"',
        'Currency = "USD"',
        f"different-default {E}.currency",
    ),
    by_code(
        "the default of an enum",
        "= Payment.CARD",
        "= Payment.CASH",
        f"different-default {E}.paid_by",
    ),
    by_code(
        "the default of a flag",
        "billable: bool = True",
        "billable: bool = False",
        f"different-default {E}.billable",
    ),
]

TABLES = [*NAMES, *NULLS, *LISTED, *LENGTHS, *RANGES, *TYPES, *DEFAULTS]
