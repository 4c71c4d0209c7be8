// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import dev.jvisor.runsc.boot.Sandbox;
import dev.jvisor.runsc.boot.SandboxConfig;
import dev.jvisor.runsc.oci.Bundle;
import dev.jvisor.runsc.oci.ContainerState;

import java.nio.file.Path;
import java.util.List;

/** {@code runsc run}: creates, starts and waits for the container of an OCI bundle. */
final class RunCommand implements Command {

    private String bundle = ".";

    @Override
    public String name() {
        return "run";
    }

    @Override
    public String summary() {
        return "Run the container of an OCI bundle and wait for it.";
    }

    @Override
    public String operands() {
        return "ID";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value(
                "--bundle", "DIR", "Directory with config.json (default: the current one)."));
    }

    @Override
    public void set(String option, String value) {
        bundle = value;
    }

    @Override
    public int run(GlobalOptions global, List<String> operands) throws RunscException {
        if (operands.size() != 1) {
            throw new RunscException(
                    "run: takes one container ID; usage: runsc run [--bundle DIR] ID");
        }
        String id = operands.get(0);
        Path directory = Path.of(bundle).toAbsolutePath().normalize();
        SandboxConfig config = Bundle.load(directory);
        try (ContainerState state =
                ContainerState.create(Path.of(global.stateRoot()), id, directory)) {
            return Sandbox.run(config, global);
        }
    }
}
