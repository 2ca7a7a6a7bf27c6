package atp

// unifier finds groups of unified codes: a union-find over dense numbers given to product codes
// in the order in which they are first seen. Which number stands for a group is never visible
// outside; only who belongs together is.
type unifier struct {
	number map[ProductCode]int32
	parent []int32
}

func newUnifier(sizeHint int) *unifier {
	return &unifier{number: make(map[ProductCode]int32, sizeHint)}
}

// of gives the number of a code, a new one if it has none yet.
func (u *unifier) of(code ProductCode) int32 {
	if n, ok := u.number[code]; ok {
		return n
	}
	n := int32(len(u.parent)) //nolint:gosec // a snapshot in memory has fewer than 2^31 products
	u.number[code] = n
	u.parent = append(u.parent, n)
	return n
}

func (u *unifier) root(n int32) int32 {
	for u.parent[n] != n {
		u.parent[n] = u.parent[u.parent[n]] // halve the path on the way up
		n = u.parent[n]
	}
	return n
}

// join makes two codes one product. The smaller number becomes the root, so chains stay short.
func (u *unifier) join(a, b ProductCode) {
	ra, rb := u.root(u.of(a)), u.root(u.of(b))
	u.parent[max(ra, rb)] = min(ra, rb)
}
