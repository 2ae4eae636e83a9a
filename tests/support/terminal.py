"""A terminal: runs a command on a pty and is told by lines of JSON on stdin what the user does.

{"send": "text"} types, {"size": [rows, columns]} changes the window, {"settings": true} asks for the line settings,
{"signal": "TERM"} is sent to the command.
On stdout, a line each: first {"pid": number}, {"output": "text"}, {"settings": "..."}, and last {"exit": code}.
"""
import fcntl, json, os, pty, select, signal, struct, subprocess, sys, termios


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


rows, columns, *command = sys.argv[1:]
master, slave = pty.openpty()  # we keep the slave open: its settings are asked for after the command's end
resize(master, int(rows), int(columns))
ended, woken = os.pipe()  # before the fork: the command may end before we look
os.set_blocking(woken, False)
signal.set_wakeup_fd(woken)
signal.signal(signal.SIGCHLD, lambda *_: None)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.closerange(3, 100)
    os.execvp(command[0], command)

say(pid=pid)
inputs, pending, status = [0, master, ended], b"", None
while status is None:
    ready, _, _ = select.select(inputs, [], [])
    if master in ready:
        say(output=os.read(master, 65536).decode("utf-8", "replace"))
    if ended in ready:
        os.read(ended, 64)
        done, wait_status = os.waitpid(pid, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(wait_status)
    if 0 in ready:
        chunk = os.read(0, 65536)
        if not chunk:
            inputs.remove(0)
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "send" in message:
                os.write(master, message["send"].encode())
            if "size" in message:
                resize(master, *message["size"])
            if "signal" in message:
                os.kill(pid, signal.Signals["SIG" + message["signal"]])
            if "settings" in message:
                text = subprocess.run(["stty", "-a"], stdin=slave, capture_output=True, text=True).stdout
                say(settings=text)
while select.select([master], [], [], 0)[0]:
    say(output=os.read(master, 65536).decode("utf-8", "replace"))
settings = subprocess.run(["stty", "-a"], stdin=slave, capture_output=True, text=True).stdout
say(settings=settings)
say(exit=status if status >= 0 else 128 - status)
