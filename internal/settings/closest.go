package settings

// Closest finds the candidate that a mistyped word most likely meant: the one with the fewest
// letters changed, added or left out, at most a third of the word and never more than three.
func Closest(word string, candidates []string) (string, bool) {
	best, most := "", min(3, max(1, len(word)/3))
	for _, c := range candidates {
		if d := distance(word, c); d <= most && d < 4 && (best == "" || d < distance(word, best)) {
			best = c
		}
	}
	return best, best != ""
}

// distance is the Levenshtein distance in bytes, capped for words no one would mistype.
func distance(a, b string) int {
	const longest = 64
	if len(a) > longest || len(b) > longest {
		return longest
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
