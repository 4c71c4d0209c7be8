// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.runsc.cli.RunscException;
import dev.jvisor.syscalls.discovery.DiscoveryIssue;
import dev.jvisor.syscalls.discovery.SyscallTables;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The system call table of a sandbox: the shipped one, with the handlers of
 * {@code --syscalls-path}.
 */
final class ExtraSyscalls {

    private ExtraSyscalls() {}

    static SyscallTables.Extended table(List<String> paths) throws RunscException {
        if (paths.isEmpty()) {
            return new SyscallTables.Extended(SyscallTables.shipped(), List.of(), List.of());
        }
        List<Path> places = new ArrayList<>();
        for (String path : paths) {
            if (!Files.exists(Path.of(path))) {
                throw new RunscException("--syscalls-path " + path + " does not exist");
            }
            places.add(Path.of(path));
        }
        SyscallTables.Extended extended = SyscallTables.withExtra(places);
        List<DiscoveryIssue> issues = extended.issues();
        if (!issues.isEmpty()) {
            throw new RunscException("--syscalls-path: " + issues.get(0).line()
                    + (issues.size() > 1 ? " (and " + (issues.size() - 1) + " more)" : ""));
        }
        return extended;
    }
}
