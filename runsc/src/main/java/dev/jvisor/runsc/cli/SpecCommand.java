// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import dev.jvisor.runsc.oci.Bundle;
import dev.jvisor.runsc.oci.DefaultSpec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** {@code runsc spec}: writes a config.json to start from. */
final class SpecCommand implements Command {

    private String bundle = ".";
    private String workingDirectory = "/";

    @Override
    public String name() {
        return "spec";
    }

    @Override
    public String summary() {
        return "Write a config.json for a bundle whose root file system is in 'rootfs'.";
    }

    @Override
    public String operands() {
        return "[ARG...]";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.value(
                        "--bundle", "DIR", "Where to write it (default: the current directory)."),
                Option.value("--cwd", "DIR", "Working directory of the program (default /)."));
    }

    @Override
    public boolean stopsAtOperand() {
        return true;
    }

    @Override
    public void set(String option, String value) {
        if (option.equals("--cwd")) {
            workingDirectory = value;
        } else {
            bundle = value;
        }
    }

    @Override
    public int run(GlobalOptions global, List<String> operands) throws RunscException {
        Path file = Path.of(bundle, Bundle.CONFIG);
        List<String> program = operands.isEmpty() ? List.of("sh") : operands;
        try {
            Files.write(
                    file,
                    DefaultSpec.json(program, workingDirectory).getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new RunscException("spec: " + file + " exists; remove it first");
        } catch (NoSuchFileException e) {
            throw new RunscException("spec: directory " + bundle + " does not exist");
        } catch (IOException e) {
            throw new RunscException("spec: cannot write " + file + ": " + e.getMessage());
        }
        return ExitCode.SUCCESS;
    }
}
