internal import Foundation

extension Process {
  /// `run()`, but the process hears every signal: a thread of Swift's pool blocks almost all of them,
  /// and a child inherits that. A server that is asked to stop would wait to be killed instead.
  func runHearingSignals() throws {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}
