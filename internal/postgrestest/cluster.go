package postgrestest

import (
	"os"
	"path/filepath"
	"sync"
)

// cluster is the data folder that initdb has made for all servers of this process: each begins with a
// copy, which takes a tenth of the time.
var cluster pristine

// pristine is a data folder that no server has run on. It is only kept where somebody will remove it.
type pristine struct {
	mu   sync.Mutex
	kept bool
	dir  string // that the data folder is in, "" until it is made
}

// keep has the folder kept, until remove.
func (p *pristine) keep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = true
}

// made is the data folder to copy, made now if it has to be; "" where none is kept.
func (p *pristine) made(bin string) (data string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.kept {
		return "", nil
	}
	if p.dir == "" {
		dir, err := makeDir()
		if err != nil {
			return "", err
		}
		if err := initialise(bin, dir, filepath.Join(dir, "data")); err != nil {
			_ = os.RemoveAll(dir)
			return "", err
		}
		p.dir = dir
	}
	return filepath.Join(p.dir, "data"), nil
}

func (p *pristine) remove() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = false
	if p.dir == "" {
		return nil
	}
	return os.RemoveAll(p.dir)
}

// initialise makes a data folder.
func initialise(bin, dir, data string) error {
	return run(dir, filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "postgres", "--encoding", "UTF8",
		"--locale", "C.UTF-8", "--auth", "trust", "--no-sync", "--no-instructions")
}
