// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import dev.jvisor.runsc.boot.Sandbox;
import dev.jvisor.runsc.boot.SandboxConfig;
import dev.jvisor.runsc.cli.GlobalOptions;
import dev.jvisor.runsc.cli.RunscException;

import java.io.IOException;
import java.util.List;

/**
 * What the virtual machine's start-up cache is trained over, besides the start itself: the system
 * calls that every program makes, often enough for the cache to keep the profiles (JEP 515) with
 * which later starts compile them at once.
 */
public final class TrainingRun {

    private TrainingRun() {}

    /** Runs the benchmark's guests in this process, one sandbox after the other. */
    public static void run() throws RunscException {
        for (GuestWorkload workload : GuestPrograms.workloads()) {
            try (GuestRoot root = GuestRoot.create(workload.program())) {
                SandboxConfig config = new SandboxConfig();
                config.rootPath = root.directory().toString();
                config.arguments = List.of("/program");
                config.addDefaultMounts();
                Sandbox.run(config, new GlobalOptions());
            } catch (IOException e) {
                throw new RunscException("training: " + e.getMessage());
            }
        }
    }
}
