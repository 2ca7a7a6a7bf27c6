package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// supervise runs a server as long as its own input stays open, so that one never outlives the
// tests, not even when they are killed; it then removes the server's folder. A line of input is the
// signal to end it with instead. It prints a line once the server's log says that it is ready, and
// ends when the server has ended, for it holds the log.
//
// Arguments: the folder, what the log then says, the command.
const supervise = `
dir=$1 ready=$2; shift 2
rm -f "$dir/pid"
"$@" 2>&1 </dev/null | while IFS= read -r line; do
	printf '%s\n' "$line" >>"$dir/log"
	case $line in *"$ready"*) echo ready ;; esac
done &
read -r signal || gone=1
kill -"${signal:-KILL}" "$(cat "$dir/pid")" 2>/dev/null
wait
if [ -n "$gone" ]; then rm -rf "$dir"; fi
`

// process is a server at work, below its supervisor.
type process struct {
	dir        string
	supervisor *exec.Cmd
	input      io.WriteCloser
}

// startProcess returns once the server is ready, which writes its process id into the folder's
// file pid; an error has the server's log.
func startProcess(dir, ready string, command ...string) (*process, error) {
	args := append([]string{"-c", supervise, "supervise", dir, ready}, command...)
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + dir}
	// Its own group: an interrupt at the terminal is for the tests, which then let go of it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{dir: dir, supervisor: cmd, input: input}
	if _, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		log, logErr := os.ReadFile(filepath.Join(dir, "log"))
		return nil, errors.Join(fmt.Errorf("%s did not start:\n%s", command[0], log), logErr, p.end("KILL"))
	}
	return p, nil
}

// end ends the server with a signal, and waits until it is gone.
func (p *process) end(signal string) error {
	_, err := io.WriteString(p.input, signal+"\n")
	if errors.Is(err, syscall.EPIPE) {
		err = nil // it has ended by itself
	}
	return errors.Join(err, p.input.Close(), p.supervisor.Wait())
}

func (p *process) signal(s syscall.Signal) error {
	pid, err := p.pid()
	if err != nil {
		return err
	}
	return syscall.Kill(pid, s)
}

func (p *process) pid() (int, error) {
	file, err := os.ReadFile(filepath.Join(p.dir, "pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(file)))
}
