package sourcetest

import "pgregory.net/rapid"

// Random draws an order book in which rows meet: few orders and products, odd texts, codes that
// differ by case or leading zeros, unification in chains and circles. It is for tests that hold
// engines against each other.
func Random(t *rapid.T) *Data { return drawData(t) }
