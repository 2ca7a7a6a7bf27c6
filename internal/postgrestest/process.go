package postgrestest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// supervise runs a server as long as its own input stays open, so that one never outlives the
// tests, not even when they are killed; it then removes the server's folder. A line of input is the
// signal to end it with instead. It prints a line once the server's log says that it is ready, and
// ends when all the server's processes have ended, for they hold the log.
//
// Arguments: the folder, the file with the server's process id, what the log then says, the command.
const supervise = `
dir=$1 pidfile=$2 ready=$3; shift 3
"$@" 2>&1 </dev/null | while IFS= read -r line; do
	printf '%s\n' "$line" >>"$dir/log"
	case $line in *"$ready"*) echo ready ;; esac
done &
read -r signal || gone=1
kill -"${signal:-QUIT}" "$(head -n 1 "$pidfile")" 2>/dev/null
wait
if [ -n "$gone" ]; then rm -rf "$dir"; fi
`

// process is a server at work, below its supervisor.
type process struct {
	supervisor *exec.Cmd
	input      io.WriteCloser
	pidFile    string
}

// startProcess returns once the server is ready; an error has the server's log.
func startProcess(dir, pidFile, ready string, command ...string) (*process, error) {
	args := append([]string{"-c", supervise, "supervise", dir, pidFile, ready}, command...)
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + dir}
	cred, err := credential()
	if err != nil {
		return nil, err
	}
	// Its own group: an interrupt at the terminal is for the tests, which then let go of it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: cred}
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
	p := &process{supervisor: cmd, input: input, pidFile: pidFile}
	if _, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		log, logErr := os.ReadFile(dir + "/log")
		return nil, errors.Join(fmt.Errorf("%s did not start:\n%s", command[0], log), logErr, p.end("QUIT"))
	}
	return p, nil
}

// end ends the server with a signal, and waits until it is gone.
func (p *process) end(signal string) error {
	_, err := io.WriteString(p.input, signal+"\n")
	return errors.Join(err, p.input.Close(), p.supervisor.Wait())
}

// tree is the server's process, and those below it.
func (p *process) tree() ([]int, error) {
	file, err := os.ReadFile(p.pidFile)
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(file), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return nil, err
	}
	list, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil, err
	}
	all := []int{pid}
	for line := range strings.Lines(string(list)) {
		var child, parent int
		if _, err := fmt.Sscan(line, &child, &parent); err == nil && parent == pid {
			all = append(all, child)
		}
	}
	return all, nil
}

// signal reaches the server and all processes below it.
func (p *process) signal(s syscall.Signal) error {
	all, err := p.tree()
	if err != nil {
		return err
	}
	for _, pid := range all {
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// credential is who runs the servers: nobody in particular when the tests run as root, which
// PostgreSQL refuses; nil for the user at work.
func credential() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // what exec takes for "as I am"
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
	}
	return nil, errors.New("the tests run as root, which PostgreSQL refuses, and there is no user postgres or nobody")
}

// makeDir makes a folder that belongs to who runs the servers.
func makeDir() (string, error) {
	dir, err := os.MkdirTemp("", "ruptura-postgres-")
	if err != nil {
		return "", err
	}
	return dir, own(dir)
}

func own(path string) error {
	cred, err := credential()
	if cred == nil || err != nil {
		return err
	}
	return os.Chown(path, int(cred.Uid), int(cred.Gid))
}

// run runs a program to its end, as who runs the servers.
func run(dir, program string, args ...string) error {
	cred, err := credential()
	if err != nil {
		return err
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}
