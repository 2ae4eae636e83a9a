import { heading, type Stage } from "./stage.ts";

/** The image `host` is this very machine: nothing has to be downloaded to run something in a container. */
export async function ownProcesses(stage: Stage): Promise<void> {
  heading(
    "Its own processes",
    "The image host is this machine itself. A program in a container is process 1 and sees none of the host's processes.",
  );
  await stage.host("ls -d /proc/[0-9]* | wc -l");
  await stage.sauropod(["run", "--rm", "host", "sh", "-c", "echo I am process $$; ls -d /proc/[0-9]*"]);
}

export async function ownImage(stage: Stage, image: string): Promise<void> {
  if (image === "host") return;
  heading("Its own files", "From another image it is another system; what is at / is not the host's.");
  await stage.sauropod(["run", "--rm", image, "ls", "/"]);
  await stage.sauropod(["run", "--rm", image, "ps"]);
}

export async function ownName(stage: Stage, image: string): Promise<void> {
  heading("Its own name", "The container is called as we like; the host keeps its name.");
  await stage.sauropod(["run", "--rm", "--hostname", "brachiosaurus", image, "uname", "-n"]);
  await stage.host("uname -n");
}

export async function ownWrites(stage: Stage): Promise<void> {
  heading("Its own writes", "The container changes what it sees of the host's files; the host does not see it.");
  const file = "/etc/footprint";
  await stage.sauropod(["run", "--name", "writer", "host", "sh", "-c", `echo was here > ${file}; cat ${file}`]);
  await stage.sauropod(["diff", "writer"]);
  await stage.host(`test -e ${file} || echo there is no ${file}`);
}

export async function memoryLimit(stage: Stage, image: string): Promise<void> {
  heading(
    "A limit",
    "A shell that doubles a string for ever may have 32 MB. The kernel ends it: 137 is 128 + SIGKILL.",
  );
  const greedy = "a=greedy; while :; do a=$a$a; done";
  await stage.sauropod(["run", "--name", "greedy", "-m", "32m", image, "sh", "-c", greedy], 137);
  await stage.sauropod(["inspect", "--format", "killed for memory: {{.State.OOMKilled}}", "greedy"]);
}

export async function pauseAndGoOn(stage: Stage, image: string): Promise<void> {
  heading(
    "Looking at it, and holding it",
    "An endless loop that gets half a processor; then none at all while it is paused.",
  );
  await stage.sauropod(["run", "-d", "--name", "busy", "--cpus", "0.5", image, "sh", "-c", "while :; do :; done"]);
  const stats = [
    "stats",
    "--no-stream",
    "--format",
    "table {{.Name}}\\t{{.CPUPerc}}\\t{{.MemUsage}}\\t{{.PIDs}}",
    "busy",
  ];
  await stage.sauropod(stats);
  await stage.sauropod(["pause", "busy"]);
  await stage.sauropod(stats);
  await stage.sauropod(["ps", "--format", "table {{.Names}}\\t{{.Image}}\\t{{.Status}}"]);
  await stage.sauropod(["unpause", "busy"]);
  await stage.sauropod(stats);
}
