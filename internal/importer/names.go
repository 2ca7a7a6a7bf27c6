package importer

import "hash/maphash"

// names numbers texts from 0 in the order they come. It holds no pointers but three, so that a
// million texts cost little more than their letters and burden no garbage collection.
type names struct {
	seed  maphash.Seed
	place map[uint64]uint32 // by hash; a text whose place is taken has the next hash that is free
	all   []byte
	ends  []uint32
}

func newNames() names {
	return names{seed: maphash.MakeSeed(), place: map[uint64]uint32{}}
}

// find gives a text's number, and false with the hash that is free for it.
func (n *names) find(s string) (id uint32, free uint64, ok bool) {
	for h := maphash.String(n.seed, s); ; h++ {
		id, taken := n.place[h]
		if !taken {
			return 0, h, false
		}
		if n.is(id, s) {
			return id, h, true
		}
	}
}

// number gives a text's number, a new one if it has none yet.
func (n *names) number(s string) (id uint32, isNew bool) {
	id, free, ok := n.find(s)
	if ok {
		return id, false
	}
	id = uint32(len(n.ends)) //nolint:gosec // fewer texts than rows of a file
	n.place[free] = id
	n.all = append(n.all, s...)
	n.ends = append(n.ends, uint32(len(n.all))) //nolint:gosec // at most maxCode letters each
	return id, true
}

// text is the text of a number.
func (n *names) text(id uint32) string { return string(n.bytes(id)) }

func (n *names) is(id uint32, s string) bool { return string(n.bytes(id)) == s }

func (n *names) bytes(id uint32) []byte {
	start := uint32(0)
	if id > 0 {
		start = n.ends[id-1]
	}
	return n.all[start:n.ends[id]]
}
