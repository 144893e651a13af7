internal import Foundation
internal import TestSupport
internal import Testing

/// The shells complete a command line by the scripts that `migrate --generate-completion-script` prints.
@Suite(.timeLimit(.minutes(2))) struct CompletionTests {
  /// - Returns: The script, in a file.
  private func script(_ shell: String, in folder: SQLFolder) async throws -> String {
    let result = try await Tool.run(
      Tool.product("migrate"), ["--generate-completion-script", shell])
    #expect(result.status == 0 && result.error == "", "\(result.error)")
    try folder.write("script", result.output)
    return "\(folder.path)/script"
  }

  /// What a shell answers to a program of its language, whose `$1` is the script.
  private func ask(
    _ shell: [String], _ program: String, _ script: String, _ more: [String] = [],
    in folder: SQLFolder
  ) async throws -> String {
    let result = try await Tool.run(
      "/usr/bin/env",
      shell + ["-c", program] + (shell[0] == "fish" ? [] : ["shell"])
        + [script] + more, environment: ["HOME": folder.path, "TERM": "dumb"])
    #expect(result.status == 0 && result.error == "", "\(result.error)")
    return result.output
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func theShellReadsIt(shell: String) async throws {
    let folder = try SQLFolder()
    let script = try await script(shell, in: folder)
    let read = try await Tool.run("/usr/bin/env", [shell, "-n", script])
    #expect(read.status == 0 && read.error == "", "\(read.error)")
  }

  @Test func bashCompletes() async throws {
    let folder = try SQLFolder()
    let answer = try await ask(
      ["bash", "--norc"],
      """
      source "$1"
      complete() { COMPREPLY=(); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _migrate "$1" "${@: -1}" "${@: -2:1}"; echo "${COMPREPLY[*]}"; }
      complete migrate st
      complete migrate up --reh
      """, script("bash", in: folder), in: folder)
    #expect(answer == "status\n--rehearse\n")
  }

  @Test func fishCompletes() async throws {
    let folder = try SQLFolder()
    let answer = try await ask(
      ["fish", "--no-config"],
      "source $argv[1]; complete -C 'migrate st'; complete -C 'migrate up --reh'",
      script("fish", in: folder), in: folder)
    let lines = answer.split(separator: "\n")
    #expect(lines.count == 2, "\(answer)")
    #expect(lines.first?.hasPrefix("status\t") == true, "\(answer)")
    #expect(lines.last?.hasPrefix("--rehearse\t") == true, "\(answer)")
  }

  /// Only its line editor completes: one at a terminal, that is, which is typed at, and says what its line is
  /// behind the TAB.
  @Test func zshCompletes() async throws {
    let folder = try SQLFolder()
    let answer = try await ask(
      ["timeout", "60", "zsh", "-f"],
      """
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "autoload -Uz compinit && compinit -D -u && source ${(q)1}"
      zpty -w shell 'tell() { print -r -- "<$BUFFER>"; BUFFER= }; zle -N tell; bindkey "^X" tell; print is" "there'
      zpty -r shell said '*is there*'
      for line in "${@:2}"; do
        zpty -w -n shell "$line"$'\\t\\x18'
        zpty -r shell said '*<*>*'
        print -r -- "${${said##*<}%%>*}"
      done
      """, script("zsh", in: folder), ["migrate st", "migrate up --reh", "migrate up --format js"],
      in: folder)
    #expect(answer == "migrate status \nmigrate up --rehearse \nmigrate up --format json \n")
  }
}
