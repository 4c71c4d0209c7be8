// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import dev.jvisor.runsc.boot.Sandbox;
import dev.jvisor.runsc.boot.SandboxConfig;
import dev.jvisor.runsc.cli.CommandLineParser;
import dev.jvisor.runsc.cli.GlobalOptions;
import dev.jvisor.runsc.cli.RunscException;
import dev.jvisor.runsc.oci.Bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the virtual machine's start-up cache is trained over, besides the start itself: the system
 * calls that every program makes, often enough for the cache to keep the profiles (JEP 515) with
 * which later starts compile them at once.
 */
public final class TrainingRun {

    /** A bundle as container tools write them, in short. */
    private static final String CONFIG = """
            {"ociVersion": "1.1.0", "hostname": "h", "root": {"path": ".", "readonly": true},
             "process": {"terminal": false, "user": {"uid": 0, "gid": 0, "additionalGids": [1]},
              "args": ["/program"], "env": ["PATH=/bin"], "cwd": "/", "noNewPrivileges": true,
              "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"]},
              "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}]},
             "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
              {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs",
               "options": ["nosuid", "mode=1777"]}]}
            """;

    private TrainingRun() {}

    /** Runs the benchmark's guests in this process, one sandbox after the other. */
    public static void run() throws RunscException {
        try {
            for (GuestWorkload workload : GuestPrograms.workloads()) {
                try (GuestRoot root = GuestRoot.create(workload.program())) {
                    SandboxConfig config = new SandboxConfig();
                    config.rootPath = root.directory().toString();
                    config.arguments = List.of("/program");
                    config.addDefaultMounts();
                    Sandbox.run(config, new GlobalOptions());
                }
            }
            runBundle();
        } catch (IOException e) {
            throw new RunscException("training: " + e.getMessage());
        }
    }

    /** What {@code runsc run} does besides. */
    private static void runBundle() throws IOException, RunscException {
        try (GuestRoot root = GuestRoot.create(GuestPrograms.exit())) {
            Path bundle = root.directory();
            Files.writeString(bundle.resolve(Bundle.CONFIG), CONFIG);
            CommandLineParser.parse(new String[] {
                        "--root",
                        bundle.resolve("tmp").toString(),
                        "run",
                        "--bundle",
                        bundle.toString(),
                        "training"
                    })
                    .execute();
        }
    }
}
