package importer

import "io"

// meter adds up the bytes read and tells about it.
type meter struct {
	tell        func(done, total int64)
	done, total int64
	told        int64
}

// tellEvery is how many bytes pass between two tellings.
const tellEvery = 1 << 20

func (m *meter) add(n int) {
	m.done += int64(n)
	if m.tell != nil && m.done-m.told >= tellEvery {
		m.told = m.done
		m.tell(min(m.done, m.total), m.total)
	}
}

// complete tells that all is read.
func (m *meter) complete() {
	if m.tell != nil {
		m.tell(m.total, m.total)
	}
}

// metered is a reader whose bytes count.
type metered struct {
	io.Reader
	meter *meter
}

// Read implements io.Reader.
func (r metered) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.meter.add(n)
	return n, err
}
