"""English examples: kind, product, client, angle, text."""

ENGLISH = (
    (
        "loan",
        "Cash loan. Up to 3 million roubles, up to 5 years, from 15% a year.",
        "woman; 34 years old",
        "up to 3 million roubles",
        "A loan of up to 3 million roubles for your plans: from 15% a year, up to 5 years. Apply in the app.",
    ),
    (
        "card",
        "Credit card. Limit up to 500 thousand roubles, 60 days without interest.",
        "often pays at petrol stations",
        "up to 60 days without interest",
        "Pay for trips and purchases by credit card: up to 60 days without interest. Order yours in the app.",
    ),
    (
        "deposit",
        "Deposit. From 50 thousand roubles, 14% a year for 6 months.",
        "man; 58 years old",
        "14% a year for 6 months",
        "Let your savings work: a deposit at 14% a year for 6 months. Open it online in two minutes.",
    ),
    (
        "mortgage",
        "Mortgage. Term up to 25 years, down payment from 20%.",
        "woman; 29 years old",
        "a term of up to 25 years",
        "A home of your own is nearer: a mortgage for up to 25 years. Find out your terms in the app.",
    ),
    (
        "insurance",
        "Home insurance. Cover up to 2 million roubles.",
        "region: Kazan",
        "cover up to 2 million roubles",
        "Leave home with an easy mind: insurance covers up to 2 million roubles. Arrange it in the app.",
    ),
    (
        "investment",
        "Brokerage account. Opening is free, trades from 0.3%.",
        "man; 41 years old",
        "opening is free",
        "Begin to invest with a brokerage account: opening is free. Open it in the app.",
    ),
    (
        "account",
        "Personal salary account. Free transfers up to 100 thousand roubles.",
        "woman; 37 years old",
        "free transfers up to 100 thousand roubles",
        "Receive your salary where it suits you: free transfers up to 100 thousand roubles. Apply in the app.",
    ),
    (
        "service",
        "Currency exchange in the app around the clock.",
        "often travels",
        "exchange in the app at any hour",
        "Exchange currency in the app at any hour, without queues. Check today's rate.",
    ),
)
